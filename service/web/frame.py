"""Around every page: its template, its strings, its policy, who looks at it, and errors told as a page."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from service.api.access import LOCAL, Access, Caller
from service.api.problems import printable
from service.api.sessions import COOKIE
from service.errors import FanganError, UnauthenticatedError
from service.prompt.shelves import seen_by
from service.web.assets import assets
from service.web.forms import form_of
from service.web.wording import COOKIE as LANGUAGE_COOKIE
from service.web.wording import language_of, wording

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Of every page: nothing is loaded from elsewhere, and nothing runs that is not a file of ours."""
HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"}
_SAFE = frozenset({"GET", "HEAD"})
_YEAR = 365 * 24 * 3600


@cache
def environment() -> Environment:
    """The templates; a name that is not given is an error, and all text is escaped."""
    made = Environment(
        loader=PackageLoader("service.web", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = lambda name: assets()[name].address
    return made


def access_of(request: Request) -> Access:
    """The keys of the app."""
    found = request.app.state.access
    assert isinstance(found, Access)
    return found


async def visitor(request: Request) -> Caller:
    """Dependency: who looks. What changes something must come from a page of ours.

    UnauthenticatedError, TooManyRequestsError, StoreError.
    """
    if request.method not in _SAFE:
        await from_our_page(request)
    access = access_of(request)
    found = await access.caller(request, session=True)
    seen_by(found.owner, access.shelves)
    request.state.visitor = found.name
    return found


async def from_our_page(request: Request) -> None:
    """403 for a request that another page had a browser send: by what the browser tells, and by the form's token."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    shown = request.headers.get("x-csrf-token") or (await form_of(request)).text("csrf")
    if site != "same-origin" or foreign or not hmac.compare_digest(shown.encode(), token(request).encode()):
        raise HTTPException(403, wording(language_of(request))("error.foreign"))


def token(request: Request) -> str:
    """What the forms of this page bring along."""
    return access_of(request).sessions.token(request.cookies.get(COOKIE, ""))


Visitor = Annotated[Caller, Depends(visitor)]


def render(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    """The page, or the part of one. Templates also know `t`, `csrf`, `visitor`, `path`, `static`."""
    language = language_of(request)
    name = getattr(request.state, "visitor", None)
    html = (
        environment()
        .get_template(template)
        .render(
            t=wording(language),
            csrf=token(request),
            visitor=None if name in (None, LOCAL) else name,
            path=request.url.path,
            **context,
        )
    )
    answer = HTMLResponse(printable(html), status, HEADERS)
    if request.query_params.get("lang") == language:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, samesite="strict", httponly=True)
    return answer


def is_part(request: Request) -> bool:
    """Whether a page asks for a part of itself, rather than a browser for a page."""
    return request.headers.get("hx-request") == "true"


class PageRoute(APIRoute):
    """A route whose errors are told as a page, or as a part of the page that asked."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[object, object, Response]]:
        """As FastAPI has it."""
        answer = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await answer(request)
            except UnauthenticatedError:
                return _to_key_entry(request)
            except FanganError as error:
                return failure(request, error.status, error.message, [f.detail for f in error.faults])
            except HTTPException as error:
                return failure(request, error.status_code, str(error.detail))
            except RequestValidationError:
                return failure(request, 404, wording(language_of(request))("error.address"))

        return handled


def failure(request: Request, status: int, message: str, details: list[str] | None = None) -> Response:
    """The error as a page, or as a remark for the page that asked."""
    template = "parts/failure.html.j2" if is_part(request) else "failure.html.j2"
    told = [] if details == [message] else (details or [])
    return render(request, template, status, message=message, details=told)


def _to_key_entry(request: Request) -> Response:
    """Back to where one was, once a key is entered."""
    shown = urlsplit(request.headers.get("hx-current-url", "") if is_part(request) else str(request.url))
    here = shown.path + (f"?{shown.query}" if shown.query else "")
    known = is_part(request) or request.method in _SAFE
    target = f"/key?next={quote(here, safe='')}" if known and here else "/key"
    if is_part(request):
        return Response(status_code=401, headers={**HEADERS, "HX-Redirect": target})
    return RedirectResponse(target, 303, HEADERS)
