"""The whole error tree: every failure that may cross a stage border, with its problem type and HTTP status.

    FanganError
    ├── InputError                 422  the caller's data can be mended
    │   ├── FactSheetError              faults, each with a JSON pointer (or a cell) and a sentence
    │   ├── UnknownOutlineError    404
    │   ├── UnknownSectionError    404
    │   ├── UnknownExemplarError   404
    │   ├── FileInputError              a file cannot be read, or is too large
    │   └── OutputError                 a folder or file cannot be written
    ├── SettingsError              500  the service is set up wrongly
    ├── PackageDataError           500  a shipped outline, exemplar, prompt or vocabulary is damaged
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


class FileInputError(InputError):
    """A file cannot be read as what it should be."""

    type = "unreadable-file"
    title = "The file cannot be read; send UTF-8 JSON or YAML, or .xlsx, of at most 2 MB"


class OutputError(InputError):
    """A folder or file cannot be written."""

    type = "unwritable-output"
    title = "The output folder cannot be written"


class SettingsError(FanganError):
    """The service is set up wrongly."""

    type = "invalid-settings"
    title = "The service is misconfigured; run fangan doctor"


class PackageDataError(FanganError):
    """Shipped data is damaged: reinstall."""

    type = "damaged-installation"
    title = "A file shipped with the service is damaged; reinstall it"


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
