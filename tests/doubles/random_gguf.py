"""A model file of random weights, made in half a second: a real server speaks with it, its text means nothing.

The vocabulary has all 256 bytes, ASCII and common characters, so any text can come out. The first dimension of every
embedding is a constant, so that the first column of the output matrix is a bias for each token: it makes closing
quotes, brackets and the end likely, and keeps answers short without any training.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

import gguf
import numpy as np

Variant = Literal["plain", "tools", "think"]

LAYERS, WIDTH, INNER, HEADS, CONTEXT = 2, 64, 128, 4, 8192
SEED = 20170601
HANZI = "的一是在和发展规划推进加强重点项目工作实施产业经济社会区域城市农村电子商务平台物流支付诚信人才培训企业服务体系"
PUNCTUATION = "，。、；：（）《》“”"
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}CALLS<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\nTHINK{% endif %}"
)
CALLS = (
    '{% for call in m.tool_calls or [] %}\n<tool_call>\n{"name": "{{ call.function.name }}", "arguments": '
    "{{ call.function.arguments | tojson }}}\n</tool_call>{% endfor %}"
)
# The form of Hermes: llama.cpp knows it, and then enforces a tool that is asked for.
TOOLS = (
    "{%- if tools %}{{- '<|im_start|>system\\n# Tools\\n\\nYou may call one or more functions to assist with the user "
    "query.\\n\\nYou are provided with function signatures within <tools></tools> XML tags:\\n<tools>' }}"
    "{%- for tool in tools %}{{- '\\n' }}{{- tool | tojson }}{%- endfor %}"
    "{{- '\\n</tools>\\n\\nFor each function call, return a json object with function name and arguments within "
    '<tool_call></tool_call> XML tags:\\n<tool_call>\\n{"name": <function-name>, "arguments": <args-json-object>}'
    "\\n</tool_call><|im_end|>\\n' }}{%- endif %}"
)


class Token(NamedTuple):
    """One token with its bias: 0 is neutral, 5 very likely, -20 never."""

    text: str
    kind: int
    bias: float


def _tokens(variant: Variant) -> list[Token]:
    kinds = gguf.TokenType
    # A tool call needs its mark and line breaks to be likely.
    newline = -6.0 if variant == "plain" else 3.0
    tokens = [
        Token("<unk>", kinds.UNKNOWN, -20),
        Token("<s>", kinds.CONTROL, -20),
        Token("</s>", kinds.CONTROL, 1.0),
        *(Token(f"<0x{b:02X}>", kinds.BYTE, newline if b == 10 else -6.0) for b in range(256)),
    ]
    if variant == "think":
        tokens += [Token("<think>", kinds.USER_DEFINED, -20), Token("</think>", kinds.USER_DEFINED, 4.5)]
    if variant != "plain":
        tokens += [Token("<tool_call>", kinds.USER_DEFINED, 4.0), Token("</tool_call>", kinds.USER_DEFINED, 0.0)]
    tokens += [Token("<|im_start|>", kinds.CONTROL, -20), Token("<|im_end|>", kinds.CONTROL, 1.0)]
    likely = {'"': 2.5, "}": 2.0, "]": 2.0, ",": 0.5, ":": 0.5, "{": 0.0, "[": 0.0, "\\": -4.0}
    tokens += [Token("\u2581", kinds.NORMAL, 0.0)]
    tokens += [Token(chr(c), kinds.NORMAL, likely.get(chr(c), -1.0)) for c in range(0x21, 0x7F)]
    tokens += [Token(c, kinds.NORMAL, 1.0) for c in PUNCTUATION]
    return tokens + [Token(c, kinds.NORMAL, 2.0) for c in dict.fromkeys(HANZI)]


def make_gguf(path: Path, variant: Variant = "plain") -> Path:
    """Writes the file (0.6 MB), always the same for a variant; `tools` and `think` have a template that knows tools."""
    tokens = _tokens(variant)
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, tokens, variant)
    _fill(writer, tokens)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: gguf.GGUFWriter, tokens: list[Token], variant: Variant) -> None:
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([t.text for t in tokens])
    writer.add_token_scores([-float(n) for n in range(len(tokens))])
    writer.add_token_types([t.kind for t in tokens])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_eot_token_id([t.text for t in tokens].index("<|im_end|>"))
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    thinking = (
        "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% else %}<think>\n{% endif %}"
        if variant == "think"
        else ""
    )
    template = CHATML.replace("THINK", thinking).replace("CALLS", "" if variant == "plain" else CALLS)
    writer.add_chat_template(template if variant == "plain" else TOOLS + template)


def _fill(writer: gguf.GGUFWriter, tokens: list[Token]) -> None:
    random = np.random.default_rng(SEED)

    def matrix(rows: int, columns: int, spread: float) -> np.ndarray:
        return (random.standard_normal((rows, columns)) * spread).astype(np.float32)

    embedding = matrix(len(tokens), WIDTH, 0.3)
    embedding[:, 0] = 6.0
    output = matrix(len(tokens), WIDTH, 0.15)
    # After the norm the constant is about 8, the root of the width.
    output[:, 0] = np.array([t.bias for t in tokens], np.float32) / 8.0
    ones = np.ones(WIDTH, np.float32)
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", output)
    for n in range(LAYERS):
        writer.add_tensor(f"blk.{n}.attn_norm.weight", ones)
        writer.add_tensor(f"blk.{n}.ffn_norm.weight", ones)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"blk.{n}.{name}.weight", matrix(WIDTH, WIDTH, 0.05))
        writer.add_tensor(f"blk.{n}.ffn_gate.weight", matrix(INNER, WIDTH, 0.05))
        writer.add_tensor(f"blk.{n}.ffn_up.weight", matrix(INNER, WIDTH, 0.05))
        writer.add_tensor(f"blk.{n}.ffn_down.weight", matrix(WIDTH, INNER, 0.05))
