"""Sessions of people in a browser: a cookie that names an API key and is signed with its hash, so none is stored.

A key that is revoked takes its sessions with it; nobody can make one from the hashes alone, as the service's own
secret is signed with too.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

COOKIE = "fangan-session"
LIFE = 12 * 3600
"""Seconds that a session lasts: a working day."""
_SECRET = 32
"""Bytes of the service's own secret."""


class Sessions:
    """Makes and reads session cookies. `folder`: where the secret is kept, so that a restart ends no session."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: bytes | None = None

    def begin(self, name: str, sha256: str) -> str:
        """The cookie of a new session of the key with that name and hash."""
        said = f"{name}.{int(time.time()) + LIFE}.{secrets.token_hex(8)}"
        return f"{said}.{self._signed(sha256, said)}"

    def holder(self, cookie: str, keys: Iterable[tuple[str, str]]) -> str | None:
        """The name of the key whose session it is; `keys`: name and hash of those in force."""
        said, _, signature = cookie.rpartition(".")
        name, _, rest = said.partition(".")
        end = rest.partition(".")[0]
        if not (end.isascii() and end.isdecimal() and len(end) < 12 and int(end) > time.time()):
            return None
        for known, sha256 in keys:
            if known == name and hmac.compare_digest(self._signed(sha256, said).encode(), signature.encode()):
                return name
        return None

    def token(self, cookie: str) -> str:
        """What a form of this session must bring; `cookie` empty: of whoever is at this machine."""
        return hmac.new(self._secret(), f"form:{cookie}".encode(), hashlib.sha256).hexdigest()[:32]

    def _signed(self, sha256: str, said: str) -> str:
        return hmac.new(self._secret() + sha256.encode(), said.encode(), hashlib.sha256).hexdigest()

    def _secret(self) -> bytes:
        if self._known is None:
            self._known = _kept(self._folder) if self._folder else secrets.token_bytes(_SECRET)
        return self._known


def _kept(folder: Path) -> bytes:
    """The secret in the folder, made where there is none; of this process alone where it cannot be kept."""
    file, made = folder / "session.secret", secrets.token_bytes(_SECRET)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(new, "wb") as target:
            target.write(made)
    except FileExistsError:
        try:
            found = file.read_bytes()
        except OSError:
            return made
        return found if len(found) == _SECRET else made
    except OSError:
        return made
    return made
