"""The token budget of one plan: a clear stop that keeps what is finished."""

from __future__ import annotations

from schemas.draft import Usage
from service.errors import BudgetError, UnauthorisedError, UnpaidError, WriterError


class Budget:
    """Tokens spent by one plan, shared by its sections; also remembers a failure that makes every further call vain."""

    def __init__(self, maximum: int | None) -> None:
        self.maximum = maximum
        self.spent = 0
        self._halt: WriterError | None = None

    def admit(self) -> None:
        """Called before each call of the writer. BudgetError when spent; the remembered failure when there is one."""
        if self._halt is not None:
            raise self._halt
        if self.maximum is not None and self.spent >= self.maximum:
            raise BudgetError(
                f"本方案已用{self.spent}个词元，达到上限{self.maximum}，其余章节未起草；请提高 FANGAN_TOKEN_BUDGET 后继续"
            )

    def charge(self, usage: Usage) -> None:
        """Adds what a call cost."""
        self.spent += usage.prompt_tokens + usage.completion_tokens

    def note(self, error: WriterError) -> None:
        """A refused key or an empty account will refuse the other sections too: do not ask again."""
        if isinstance(error, UnauthorisedError | UnpaidError):
            self._halt = error
