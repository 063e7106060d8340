"""How many tokens a prompt has, before it is paid for: OpenAI's o200k vocabulary, shipped, read at first use.

The vocabulary is the official file (data/README.md); nothing is ever downloaded. Other models cut text
differently; what that means for an estimate is measured and stands in `PROSE` and `DENSE`.
"""

from __future__ import annotations

import base64
import hashlib
import lzma
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import tiktoken

from schemas.draft import Message
from service.errors import PackageDataError

FILE = "data/o200k_base.tiktoken.xz"
SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""Of the unpacked file, as tiktoken pins it (tiktoken_ext/openai_public.py, o200k_base)."""
PATTERN = "|".join(
    (
        r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        r"""\p{N}{1,3}""",
        r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""",
        r"""\s*[\r\n]+""",
        r"""\s+(?!\S)""",
        r"""\s+""",
    )
)
"""Where tiktoken splits text before merging (same source)."""
PROSE = 1.15
"""Reserve for Chinese prose: o200k counts 0.71 per character, the widest common vocabulary (cl100k apart) 0.61."""
DENSE = 1.5
"""Reserve for tables, dates and lists of numbers: some vocabularies (Qwen) spend one token on each digit, where
o200k takes up to three together; measured 270 against 190 on 280 characters of dates and document numbers."""
MESSAGE_TOKENS = 4
"""Role and separators of one chat message, in all templates that we know of."""


@cache
def _encoding() -> tiktoken.Encoding:
    try:
        data = lzma.decompress((files("service.prompt") / FILE).read_bytes())
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise _damaged() from error
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise _damaged()
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in data.splitlines())}
    return tiktoken.Encoding("o200k_base", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})


def _damaged() -> PackageDataError:
    return PackageDataError(f"词表文件 service/prompt/{FILE} 缺失或损坏，请重新安装 fangan")


def count_tokens(text: str) -> int:
    """Tokens of `text` in o200k_base; names of special tokens count as plain text. PackageDataError."""
    return len(_encoding().encode_ordinary(text))


def estimate(messages: Sequence[Message]) -> int:
    """Tokens that a prompt may cost with any of the common models, on the safe side. PackageDataError."""
    total = 0.0
    for message in messages:
        dense = [line for line in message.content.splitlines() if _is_dense(line)]
        part = count_tokens("\n".join(dense))
        total += MESSAGE_TOKENS + PROSE * (count_tokens(message.content) - part) + DENSE * part
    return round(total)


def _is_dense(line: str) -> bool:
    """A table row, or a line of which a fifth is digits."""
    return line.count("｜") + line.count("|") >= 2 or 5 * sum(c.isdecimal() for c in line) >= len(line) > 0
