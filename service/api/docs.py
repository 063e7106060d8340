"""GET /docs: the description of the service as one plain page, with no script and nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = (
    "body{font:16px/1.6 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem;color:#1c1c1c;background:#fff}"
    "code,pre{font:14px/1.5 ui-monospace,monospace;background:#f3f3f1}pre{padding:.75rem;overflow:auto}"
    "h2{margin-top:2.5rem;border-top:1px solid #d5d5d0;padding-top:1rem}h2 b{color:#7a1f14}"
    "details{margin:.5rem 0}p,li{white-space:pre-line}"
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of the page: it needs its own style and nothing else."""


def page(description: dict[str, Any]) -> str:
    """HTML of an OpenAPI description."""
    info = description["info"]
    parts = [
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{_text(info['description'])}</p>",
        '<p>OpenAPI：<a href="/openapi.json">/openapi.json</a></p>',
        *(
            part
            for path, methods in description["paths"].items()
            for method, operation in methods.items()
            for part in _operation(method.upper(), path, operation)
        ),
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>{body}</body></html>'
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<h2><b>{method}</b> <code>{escape(path)}</code></h2>"
    yield f"<p><strong>{escape(operation.get('summary', ''))}</strong></p>"
    if told := operation.get("description"):
        yield f"<p>{_text(told)}</p>"
    yield from _examples("Request", operation.get("requestBody", {}))
    for status, response in operation.get("responses", {}).items():
        yield f"<p><code>{escape(status)}</code> {escape(response.get('description', ''))}</p>"
        yield from _examples(f"Response {status}", response)


def _examples(what: str, holder: dict[str, Any]) -> Iterator[str]:
    for media_type, content in holder.get("content", {}).items():
        if (example := content.get("example")) is not None:
            shown = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
            title = escape(f"{what}: {media_type}")
            yield f"<details><summary>{title}</summary><pre>{escape(shown)}</pre></details>"


def _text(markdown: str) -> str:
    """Code spans as such; the rest as it stands."""
    parts = escape(markdown).split("`")
    return "".join(f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(parts))
