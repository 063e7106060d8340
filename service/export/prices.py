"""The user's price table → what attempts cost; beside provenance, which tells it.

The file that FANGAN_PRICES names is YAML, prices of a million tokens each:

    currency: 元
    models:
      模型名称: {prompt: 1, cached: 0.5, completion: 2}
      模型名称-*: {prompt: 1, completion: 2}
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from pydantic import ValidationError

from schemas.draft import Usage
from schemas.plan import Attempt
from schemas.prices import Cost, Price, Prices
from service.errors import SettingsError

MILLION = 1_000_000
"""Tokens that a price is for."""


def read_prices(path: Path) -> Prices:
    """The table in that file. SettingsError says what is wrong with it."""
    try:
        return Prices.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"读不到价格表 {path}，请检查 FANGAN_PRICES，文件应为 UTF-8 文本") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"价格表 {path} 不是合法的 YAML，请对照文档中的格式修改") from error
    except ValidationError as error:
        wrong = "；".join(f"{'.'.join(map(str, e['loc'])) or '全文'}：{e['msg']}" for e in error.errors())
        raise SettingsError(f"价格表 {path} 有误，请对照文档中的格式修改：{wrong}") from error


def cost_of(attempts: Sequence[Attempt], prices: Prices) -> Cost | None:
    """What the attempts cost together; None when one of them used a model without a price: no sum is told in part."""
    amount = Decimal(0)
    for attempt in attempts:
        if attempt.usage == Usage():
            continue  # the offline writer costs nothing
        price = next((p for name, p in prices.models.items() if fnmatchcase(attempt.model, name)), None)
        if price is None:
            return None
        amount += _amount(attempt.usage, price)
    return Cost(currency=prices.currency, amount=amount)


def _amount(usage: Usage, price: Price) -> Decimal:
    cached = price.prompt if price.cached is None else price.cached
    fresh = usage.prompt_tokens - usage.cached_tokens
    spent = fresh * price.prompt + usage.cached_tokens * cached + usage.completion_tokens * price.completion
    return spent / MILLION
