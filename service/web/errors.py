"""What went wrong outside any page's route, told as a page to browsers and as a problem to programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from service.web.frame import failure
from service.web.wording import language_of, wording

Handler = Callable[[Request, Exception], Response | Awaitable[Response]]
_PROGRAMS = ("/v1/", "/problems", "/openapi.json", "/metrics", "/healthz", "/readyz")


def install(app: FastAPI) -> None:
    """Puts the pages before the problems that the app answers with so far."""
    for kind in (HTTPException, Exception):
        app.add_exception_handler(kind, _told(cast("Handler", app.exception_handlers[kind])))


def _told(otherwise: Handler) -> Handler:
    async def handled(request: Request, error: Exception) -> Response:
        if not _is_browser(request):
            answer = otherwise(request, error)
            return answer if isinstance(answer, Response) else await answer
        say = wording(language_of(request))
        if not isinstance(error, HTTPException):
            # Starlette raises it again after this answer, so that the server logs it.
            return failure(request, 500, say("error.internal"))
        if error.status_code in (404, 405):
            return failure(request, error.status_code, say("error.address"))
        return failure(request, error.status_code, str(error.detail))

    return handled


def _is_browser(request: Request) -> bool:
    """Whether a person will look at the answer."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_PROGRAMS)
