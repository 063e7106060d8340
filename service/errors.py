"""The whole error tree: every failure that may cross a stage border, with its problem type and HTTP status.

    FanganError
    ├── InputError                 422  the caller's data can be mended
    │   ├── FactSheetError              faults, each with a JSON pointer (or a cell) and a sentence
    │   ├── UnknownOutlineError    404
    │   ├── UnknownSectionError    404
    │   ├── UnknownExemplarError   404
    │   ├── UnknownPlanError       404  also another key's plan: its existence is not told
    │   ├── UnknownVersionError    404
    │   ├── EditConflictError      412  the section was changed since it was read
    │   ├── PreconditionRequiredError 428 it is not said which version was read
    │   ├── PlanBusyError          409  the plan is being drafted, or the key has its fill of plans
    │   ├── IdempotencyConflictError 409 the key was used for another request
    │   ├── OutlineConflictError   409  the id is taken, or the outline ships or is used by a plan
    │   ├── FileInputError              a file cannot be read, or is too large
    │   └── OutputError                 a folder or file cannot be written
    ├── UnauthenticatedError   401  the request shows no API key that is in force
    ├── TooManyRequestsError   429  the API key has asked too often
    ├── ForeignHostError       421  without API keys: a name that is not this machine's, or a page of another site
    ├── NotReadyError          503  the service cannot work now; each part that fails is named
    ├── NotFinalError          409  a version for submission is asked for, and something remains to be done
    ├── PdfUnavailableError    501  a PDF is asked for, and LibreOffice is not installed
    ├── PdfFailedError         503  LibreOffice gave no PDF in time or at all
    ├── SettingsError              500  the service is set up wrongly
    ├── PackageDataError           500  a shipped outline, exemplar, prompt or vocabulary is damaged
    ├── StoreError                 503  the database cannot serve
    │   ├── StoreBusyError              locked for too long, or too many connections; trying again helps
    │   ├── StoreFullError              the disk is full
    │   ├── StoreReadOnlyError          the database cannot be written
    │   ├── StoreUnreachableError       no connection, or it was lost
    │   ├── StoreDamagedError      500  the file is not a sound database
    │   ├── StoreVersionError      500  made by a newer version of the service
    │   └── StoreFaultError        500  a fault of the service itself while it used the database
    └── WriterError                502  no usable draft came back
        ├── NotConfiguredError     503
        ├── UnauthorisedError      502
        ├── UnpaidError            502
        ├── RateLimitedError       503
        ├── OverloadedError        503
        ├── ContentFilterError     502
        ├── ContextOverflowError   502
        ├── TruncatedError         502
        ├── UnsupportedError       502  the endpoint refuses a way of asking for JSON, or a parameter
        ├── ProtocolError          502
        ├── DeadlineError          504
        ├── BudgetError            502  the plan's token budget is spent
        ├── PlanCancelledError     409  the plan was cancelled while the section was waiting or being written
        └── ReplyError             502  the reply is not a valid draft after all repairs

`message` is Chinese (for the drafter), `title` English (for the integrator); both say how to mend it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemas.draft import Usage


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where (JSON pointer, or sheet and cell) and how to mend it."""

    pointer: str
    detail: str


class FanganError(Exception):
    """Base of all errors that cross a stage border."""

    type: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    status: ClassVar[int] = 500

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.faults = tuple(faults)


class InputError(FanganError):
    """The caller's data can be mended."""

    type = "invalid-input"
    title = "The request is not valid; see errors"
    status = 422


class FactSheetError(InputError):
    """The fact sheet has faults; all of them are listed."""

    type = "invalid-fact-sheet"
    title = "The fact sheet is not valid; each entry of errors says where and how to mend it"


class UnknownOutlineError(InputError):
    """No such outline."""

    type = "unknown-outline"
    title = "No such outline; GET /v1/outlines lists them"
    status = 404


class UnknownSectionError(InputError):
    """No such section in the outline."""

    type = "unknown-section"
    title = "No such section in this outline; GET /v1/outlines/{id} lists them"
    status = 404


class UnknownExemplarError(InputError):
    """No such exemplar."""

    type = "unknown-exemplar"
    title = "No such exemplar; GET /v1/exemplars lists them"
    status = 404


class UnknownPlanError(InputError):
    """No such plan, or not this caller's: the two look the same."""

    type = "unknown-plan"
    title = "No such plan; GET /v1/plans lists yours"
    status = 404


class UnknownVersionError(InputError):
    """No such version of the section."""

    type = "unknown-version"
    title = "No such version of this section; GET /v1/plans/{id}/sections/{section} lists them"
    status = 404


class EditConflictError(InputError):
    """The section was changed since the caller read it; nothing was written."""

    type = "edit-conflict"
    title = "The section has a newer version; read it again and send its ETag as If-Match"
    status = 412

    def __init__(self, message: str, faults: Sequence[Fault] = (), *, version: int | None = None) -> None:
        super().__init__(message, faults)
        self.version = version
        """The version that the section has."""


class PreconditionRequiredError(InputError):
    """A text is to be replaced, and it is not said which version the caller has read."""

    type = "precondition-required"
    title = "Send the ETag of the section as If-Match, or * to replace whatever stands"
    status = 428


class PlanBusyError(InputError):
    """What was asked cannot be done while the plan is at work, or the key has its fill of plans."""

    type = "plan-busy"
    title = "The plan is being drafted, or too many are; wait until it ends or cancel it"
    status = 409


class IdempotencyConflictError(InputError):
    """The idempotency key was used for another request."""

    type = "idempotency-conflict"
    title = "This Idempotency-Key was used with another body; use a new key"
    status = 409


class OutlineConflictError(InputError):
    """An outline cannot be stored under this id, or cannot be deleted."""

    type = "outline-conflict"
    title = "An outline of this id exists, ships with the service or is used by a plan; use another id"
    status = 409


class FileInputError(InputError):
    """A file cannot be read as what it should be."""

    type = "unreadable-file"
    title = "The file cannot be read; send UTF-8 JSON or YAML, or .xlsx, of at most 2 MB"


class OutputError(InputError):
    """A folder or file cannot be written."""

    type = "unwritable-output"
    title = "The output folder cannot be written"


class UnauthenticatedError(FanganError):
    """The request shows no API key that is in force."""

    type = "unauthenticated"
    title = "Send an API key that is in force, as Authorization: Bearer or X-API-Key"
    status = 401


class TooManyRequestsError(FanganError):
    """The API key has asked too often."""

    type = "too-many-requests"
    title = "This API key has made too many requests; wait as Retry-After says"
    status = 429

    def __init__(self, message: str, faults: Sequence[Fault] = (), *, retry_after: int = 1) -> None:
        super().__init__(message, faults)
        self.retry_after = retry_after
        """Seconds until one more is allowed."""


class ForeignHostError(FanganError):
    """Without API keys only this machine may ask, by its own name, and no page of another site on its behalf."""

    type = "foreign-host"
    title = "Without API keys the service answers to localhost only; make a key with fangan keys add"
    status = 421


class NotReadyError(FanganError):
    """The service cannot do its work now; each part that fails is named."""

    type = "not-ready"
    title = "The service is not ready; each entry of errors names a part that fails"
    status = 503


class NotFinalError(FanganError):
    """A version for submission is asked for while errors, placeholders or proposals remain; all of them are listed."""

    type = "not-final"
    title = "The plan is not ready for submission; settle every entry of errors, or ask for it with force"
    status = 409


class PdfUnavailableError(FanganError):
    """A PDF is asked for, and LibreOffice, which makes it, is not installed."""

    type = "pdf-unavailable"
    title = "PDF needs LibreOffice, which is not installed; install it or ask for another format"
    status = 501


class PdfFailedError(FanganError):
    """LibreOffice is installed, and gave no PDF in time or at all."""

    type = "pdf-failed"
    title = "LibreOffice gave no PDF; retry later or ask for docx"
    status = 503


class SettingsError(FanganError):
    """The service is set up wrongly."""

    type = "invalid-settings"
    title = "The service is misconfigured; run fangan doctor"


class PackageDataError(FanganError):
    """Shipped data is damaged: reinstall."""

    type = "damaged-installation"
    title = "A file shipped with the service is damaged; reinstall it"


class StoreError(FanganError):
    """The database cannot serve; what was committed is safe, what was asked was not done."""

    type = "store-unavailable"
    title = "The database is unavailable; nothing was changed, retry later"
    status = 503


class StoreBusyError(StoreError):
    """Locked for longer than we wait, or all connections taken."""

    type = "store-busy"
    title = "The database is busy; nothing was changed, retry in a few seconds"


class StoreFullError(StoreError):
    """No space is left on the disk of the database."""

    type = "store-full"
    title = "The database's disk is full; free some space and retry"


class StoreReadOnlyError(StoreError):
    """The database cannot be written."""

    type = "store-read-only"
    title = "The database is read-only; check the file's permissions or the server's role"


class StoreUnreachableError(StoreError):
    """No connection to the database, or it was lost."""

    type = "store-unreachable"
    title = "The database cannot be reached; check FANGAN_DATABASE_URL and the server"


class StoreDamagedError(StoreError):
    """The file is not a sound database."""

    type = "store-damaged"
    title = "The database file is damaged; restore it from a backup"
    status = 500


class StoreVersionError(StoreError):
    """The database was made by a newer version of the service."""

    type = "store-version"
    title = "The database was made by a newer version of the service; upgrade the service"
    status = 500


class StoreFaultError(StoreError):
    """The service used the database wrongly: a fault of ours."""

    type = "store-fault"
    title = "Internal error while using the database"
    status = 500


class WriterError(FanganError):
    """No usable draft came back from the writer."""

    type = "writer-failed"
    title = "The writer gave no usable draft"
    status = 502

    def __init__(self, message: str, faults: Sequence[Fault] = (), *, usage: Usage | None = None) -> None:
        super().__init__(message, faults)
        self.usage = usage
        """Tokens that the endpoint reported for answers that came to nothing; None where it reported none."""


class NotConfiguredError(WriterError):
    """No model endpoint is configured for what was asked."""

    type = "not-configured"
    title = "No model endpoint is configured; set OPENAI_BASE_URL, OPENAI_API_KEY and FANGAN_MODEL"
    status = 503


class UnauthorisedError(WriterError):
    """The endpoint refused the key."""

    type = "unauthorised"
    title = "The model endpoint refused the API key; check OPENAI_API_KEY"


class UnpaidError(WriterError):
    """The account has no money left."""

    type = "unpaid"
    title = "The model account has no balance or quota left"


class RateLimitedError(WriterError):
    """Too many calls, longer than we may wait."""

    type = "rate-limited"
    title = "The model endpoint limits our rate; retry later or lower FANGAN_CONCURRENCY"
    status = 503


class OverloadedError(WriterError):
    """The endpoint is down, overloaded or unreachable."""

    type = "overloaded"
    title = "The model endpoint cannot be reached or is overloaded; retry later"
    status = 503


class ContentFilterError(WriterError):
    """The endpoint's moderation refused the text."""

    type = "content-filter"
    title = "The model endpoint refused the content; rephrase the facts or write the section by hand"


class ContextOverflowError(WriterError):
    """The prompt does not fit the model's context."""

    type = "context-overflow"
    title = "The prompt is larger than the model's context; use a model with a larger one or fewer facts"


class TruncatedError(WriterError):
    """The reply was cut off by the length limit."""

    type = "truncated"
    title = "The model's reply was cut off by its length limit"


class UnsupportedError(WriterError):
    """The endpoint refuses a way of asking for JSON, or a parameter."""

    type = "unsupported"
    title = "The model endpoint does not support a parameter of the request"


class ProtocolError(WriterError):
    """The endpoint's answer is not what the protocol says."""

    type = "protocol"
    title = "The model endpoint answered something that is not the OpenAI protocol; check OPENAI_BASE_URL"


class DeadlineError(WriterError):
    """No complete answer within the time allowed."""

    type = "deadline"
    title = "The model endpoint gave no complete answer in time"
    status = 504


class BudgetError(WriterError):
    """The plan's token budget is spent; what is finished is kept."""

    type = "token-budget"
    title = "The plan's token budget is spent; raise FANGAN_TOKEN_BUDGET"


class ReplyError(WriterError):
    """The reply is not a valid draft after all repairs."""

    type = "invalid-reply"
    title = "The model's reply is not a valid draft after all repairs"


class PlanCancelledError(WriterError):
    """The plan was cancelled while the section was waiting or being written; what is finished is kept."""

    type = "cancelled"
    title = "The plan was cancelled; POST /v1/plans/{id}:resume goes on with it"
    status = 409
