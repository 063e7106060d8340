"""The hash under which an API key is known: made when the key is, and again of what a request shows."""

from __future__ import annotations

import hashlib


def key_hash(key: str) -> str:
    """SHA-256 in hex. Keys are random and long, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
