"""What an endpoint was seen to refuse, learned from one refusal each and remembered for all later calls."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from service.writer.refusals import named_parameter, stream_only

_RANGE = re.compile(r"max_(?:completion_)?tokens\D{0,120}?[\[(<=≤]\s*(?:1\s*,\s*)?(\d{3,7})|at most (\d{3,7})")


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a request must differ from the plain one for this endpoint and model."""

    dropped: frozenset[str] = frozenset()
    """Parameters left out; `system`: the system message goes into the user's."""
    renamed_limit: bool = False
    """max_completion_tokens instead of max_tokens."""
    stream_only: bool = False
    most_output: int | None = None
    """Tokens that an answer may have at most."""
    plain_schema: bool = False
    """Schemas without enums: long ones are refused."""

    def learned(self, said: str, sent: frozenset[str]) -> Quirks | None:
        """With what a refusal (lower case) teaches; `sent`: the parameters of the request. None: nothing new."""
        if stream_only(said) and not self.stream_only:
            return replace(self, stream_only=True)
        name = named_parameter(said)
        if name in ("max_tokens", "max_completion_tokens"):
            return self._limit(said, sent)
        if name is None or name in self.dropped or (name not in sent and name not in ("system", "strict")):
            return None
        return replace(self, dropped=self.dropped | {name})

    def _limit(self, said: str, sent: frozenset[str]) -> Quirks | None:
        if "max_tokens" in sent and "max_completion_tokens" in said:
            return replace(self, renamed_limit=True)
        if (found := _RANGE.search(said)) and (most := int(found[1] or found[2])) != self.most_output:
            return replace(self, most_output=most)
        if "max_tokens" not in self.dropped:
            return replace(self, dropped=self.dropped | {"max_tokens"})
        return None

    @property
    def notes(self) -> tuple[str, ...]:
        """For the provenance (Chinese)."""
        said = [f"接口不支持参数 {name}，已省去" for name in sorted(self.dropped)]
        if self.renamed_limit:
            said.append("长度上限改用 max_completion_tokens")
        if self.stream_only:
            said.append("接口只支持流式")
        if self.most_output:
            said.append(f"接口一次最多输出{self.most_output}词元")
        if self.plain_schema:
            said.append("结构约束已简化")
        return tuple(said)
