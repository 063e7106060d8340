"""The shipped doubles: scripted, recorded, and the recorder; and that tests stay on this machine."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from schemas.draft import Reply, Usage
from service.errors import NotConfiguredError, OutputError, OverloadedError, ProtocolError
from service.writer.protocol import Writer
from service.writer.recorded import RecordedWriter, Recorder
from service.writer.scripted import ScriptedWriter
from service.writer.sse import EventLines
from tests.doubles.random_gguf import make_gguf
from tests.doubles.tasks import DRAFT, task


def test_a_scripted_writer_answers_waits_and_fails_as_told() -> None:
    reply = Reply(content="{}", writer="x", model="y", usage=Usage(prompt_tokens=3))
    said: dict[str, str | Reply | Exception] = {"一": DRAFT, "二": reply, "三": OverloadedError("忙")}
    writer: Writer = ScriptedWriter(lambda t: said[t.prompt.messages[-1].content], delay=0.05)
    order: list[str] = []

    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(writer.write(task("一"))).add_done_callback(lambda t: order.append(t.result().content))
            group.create_task(asyncio.sleep(0)).add_done_callback(lambda _: order.append("a shorter wait"))

    asyncio.run(run())
    assert order == ["a shorter wait", DRAFT]
    assert asyncio.run(writer.write(task("二"))) is reply
    with pytest.raises(OverloadedError):
        asyncio.run(writer.write(task("三")))
    assert isinstance(writer, ScriptedWriter)
    assert [t.prompt.messages[-1].content for t in writer.tasks] == ["一", "二", "三"]


def test_what_is_recorded_is_replayed(tmp_path: Path) -> None:
    folder = tmp_path / "答复"
    recorder = Recorder(ScriptedWriter(lambda t: f"{DRAFT}{t.prompt.hash}"), folder)
    first = asyncio.run(recorder.write(task(hash="sha256:aa")))
    second = asyncio.run(recorder.write(task(hash="sha256:bb")))
    replay: Writer = RecordedWriter(folder)
    assert asyncio.run(replay.write(task(hash="sha256:aa"))) == first
    assert asyncio.run(replay.write(task(hash="sha256:bb"))) == second
    assert sorted(p.suffix for p in folder.iterdir()) == [".json", ".json"]


def test_what_was_never_recorded_or_is_damaged_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotConfiguredError, match=r"第2\.1节.*sha256:aa"):
        asyncio.run(RecordedWriter(tmp_path).write(task(hash="sha256:aa")))
    (tmp_path / "sha256-aa.json").write_text('{"content": ')
    with pytest.raises(ProtocolError, match="重新录制"):
        asyncio.run(RecordedWriter(tmp_path).write(task(hash="sha256:aa")))
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="无法写入"):
        asyncio.run(Recorder(ScriptedWriter(lambda _: DRAFT), tmp_path / "file").write(task()))


EVENTS = b': hello\r\ndata: {"a":\r\ndata: 1}\r\n\r\nevent: error\ndata:x\n\nevent: lost\n\ndata: \xe6\x9c\x9b\xe6\xb5\xb7\r\rdata: last'


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_wherever_their_bytes_are_cut(size: int) -> None:
    lines = EventLines()
    found = [event for n in range(0, len(EVENTS), size) for event in lines.feed(EVENTS[n : n + size])]
    assert [*found, *lines.finish()] == [("", '{"a":\n1}'), ("error", "x"), ("", "望海"), ("", "last")]


def test_no_test_leaves_this_machine() -> None:
    with socket.socket() as outside, pytest.raises(AssertionError, match="connect"):
        outside.connect(("192.0.2.1", 80))
    with pytest.raises(OSError, match="look up"):
        socket.getaddrinfo("example.com", 443)


def test_a_random_model_is_always_the_same(tmp_path: Path) -> None:
    first = make_gguf(tmp_path / "a.gguf").read_bytes()
    assert make_gguf(tmp_path / "b.gguf").read_bytes() == first
    assert make_gguf(tmp_path / "c.gguf", "think").read_bytes() != first
    assert len(first) < 1_000_000
