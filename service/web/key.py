"""/key: where there are keys, a person enters one; a cookie stands for it from then on, and never holds it."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.api.sessions import COOKIE, LIFE
from service.web.forms import form_of
from service.web.frame import HEADERS, PageRoute, access_of, from_our_page, render

_OURS = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}", re.ASCII)
"""An address of this service: what begins with two slashes, in either direction, is another's."""


def router() -> APIRouter:
    """The routes about the session."""
    routes = APIRouter(prefix="/key", include_in_schema=False, route_class=PageRoute)

    @routes.get("")
    async def entry(request: Request) -> Response:
        if not await access_of(request).needed():
            return RedirectResponse("/", 303, HEADERS)
        return render(request, "key.html.j2", wrong=False, next=_safe(request.query_params.get("next", "")))

    @routes.post("")
    async def entered(request: Request) -> Response:
        await from_our_page(request)
        form = await form_of(request)
        cookie = await access_of(request).begin(form.text("key").strip())
        target = _safe(form.text("next"))
        if cookie is None:
            return render(request, "key.html.j2", 401, wrong=True, next=target)
        answer = RedirectResponse(target, 303, HEADERS)
        answer.set_cookie(
            COOKIE, cookie, max_age=LIFE, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return answer

    @routes.post("/end")
    async def ended(request: Request) -> Response:
        await from_our_page(request)
        answer = RedirectResponse("/key", 303, HEADERS)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https")
        return answer

    return routes


def _safe(address: str) -> str:
    return address if _OURS.fullmatch(address) else "/"
