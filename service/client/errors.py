"""What a call of the service may end in: one class for each thing that a caller can do about it."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
from pydantic import ValidationError

from schemas.wire import Problem, ProblemFault

_PASSING = frozenset({"store-busy", "store-unreachable", "store-unavailable", "not-ready"})
"""Problems of status 503 that time may mend; a model that is not configured is not among them."""


class ClientError(Exception):
    """Base of all. `status` and `type` as the service sent them, None and "" where no answer came that tells them."""

    def __init__(self, detail: str, problem: Problem | None = None, status: int | None = None) -> None:
        told = [f"{e.pointer}  {e.detail}" for e in problem.errors if e.detail not in detail] if problem else []
        super().__init__("\n".join([detail, *told]))
        self.detail = detail
        self.status = problem.status if problem else status
        self.type = problem.type if problem else ""
        self.errors: tuple[ProblemFault, ...] = problem.errors if problem else ()
        self.version = problem.version if problem else None
        """Of an edit that came too late: the version that the section has."""
        self.retry_after: float | None = None
        """Seconds until it may be asked again, where the service says so."""

    @property
    def passing(self) -> bool:
        """Whether the same request may well succeed a little later."""
        return False


class ConnectionFailedError(ClientError):
    """No complete answer came: no connection, a connection lost, or a time limit passed."""

    @property
    def passing(self) -> bool:
        """A service that is started again answers."""
        return True


class BadAnswerError(ClientError):
    """What came is not an answer of this service."""


class StillDraftingError(ClientError):
    """`wait` was given a time limit, and the plan is still being drafted; it goes on."""


class RefusedError(ClientError):
    """Status 4xx: `errors` says what is to be mended in the request."""


class UnauthenticatedError(RefusedError):
    """401: no API key, or none that is in force."""


class NotFoundError(RefusedError):
    """404: no such thing, or it is another key's."""


class ConflictError(RefusedError):
    """409, 412: the plan is at work, the section has a newer version, something remains to be done; `type` says which."""


class TooManyRequestsError(RefusedError):
    """429: the API key has asked too often."""

    @property
    def passing(self) -> bool:
        """After `retry_after`."""
        return True


class ServiceFailedError(ClientError):
    """Status 5xx: the service, its database or its model endpoint cannot serve; `type` says which."""

    @property
    def passing(self) -> bool:
        """A proxy's own answer, or a database that is busy."""
        return self.status in (502, 503, 504) and (not self.type or self.type.rpartition("/")[2] in _PASSING)


_KINDS: Mapping[int, type[ClientError]] = {
    401: UnauthenticatedError,
    404: NotFoundError,
    409: ConflictError,
    412: ConflictError,
    429: TooManyRequestsError,
}


def refusal(answer: httpx.Response) -> ClientError:
    """The error that an answer which is no success means."""
    status = answer.status_code
    kind = _KINDS.get(status) or (
        RefusedError if 400 <= status < 500 else ServiceFailedError if status >= 500 else BadAnswerError
    )
    try:
        problem = Problem.model_validate_json(answer.content, extra="ignore")
    except ValidationError:
        error = kind(f"服务返回状态码{status}，没有说明原因；请检查地址，或稍后重试", status=status)
    else:
        error = kind(problem.detail or problem.title, problem)
    told = answer.headers.get("retry-after", "")
    error.retry_after = float(told) if told.isascii() and told.isdigit() else None
    return error
