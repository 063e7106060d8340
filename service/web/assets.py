"""Stylesheet and scripts, read once and served under the hash of their content: a browser keeps them for good."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request, Response

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
_NAMES = ("fangan.css", "fangan.js", "plan.js", "vendor/htmx.min.js", "vendor/hx-sse.min.js")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    address: str
    media_type: str
    content: bytes
    packed: bytes
    """The same, gzipped."""


@cache
def assets() -> Mapping[str, Asset]:
    """Name → file."""
    folder = files("service.web") / "static"
    return {name: _asset(name, (folder / name).read_bytes()) for name in _NAMES}


def _asset(name: str, content: bytes) -> Asset:
    stamp, flat = hashlib.sha256(content).hexdigest()[:12], name.rpartition("/")[2]
    return Asset(f"/static/{stamp}/{flat}", _TYPES[flat.rpartition(".")[2]], content, gzip.compress(content, mtime=0))


def router() -> APIRouter:
    """The one route. No key is asked for: the page on which it is entered needs them."""
    routes = APIRouter(include_in_schema=False)
    by_address = {asset.address: asset for asset in assets().values()}

    @routes.get("/static/{path:path}")
    async def static(path: str, request: Request) -> Response:
        asset = by_address.get(f"/static/{path}")
        if asset is None:
            raise HTTPException(404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=asset.media_type)
        return Response(asset.content, headers=headers, media_type=asset.media_type)

    return routes
