"""Replies kept in a folder by the hash of their prompt: recorded once from a real writer, replayed without one."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from schemas.draft import Reply, Task
from service.errors import NotConfiguredError, OutputError, ProtocolError
from service.writer.protocol import OnDelta, Writer, warms_cache


def _place(folder: Path, task: Task) -> Path:
    return folder / f"{task.prompt.hash.replace(':', '-')}.json"


class RecordedWriter:
    """Implements Writer: replays the reply to exactly this prompt.

    NotConfiguredError for a prompt that was never recorded, naming its section and hash; ProtocolError for a
    damaged recording.
    """

    name = "recorded"
    model = "recorded"
    reads_prompt = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """The stored reply, as its writer gave it."""
        place = _place(self._folder, task)
        try:
            return Reply.model_validate_json(place.read_bytes())
        except FileNotFoundError as error:
            raise NotConfiguredError(
                f"录制目录 {self._folder} 中没有第{task.section.id}节（{task.kind}）的答复，提示词为 {task.prompt.hash}；"
                "提示词改动后请重新录制"
            ) from error
        except (OSError, ValidationError) as error:
            raise ProtocolError(f"录制文件 {place.name} 无法读取，请删除后重新录制") from error


class Recorder:
    """Implements Writer: passes every task on and stores the reply; a prompt asked again replaces its reply.

    OutputError when the folder cannot be written.
    """

    def __init__(self, writer: Writer, folder: Path) -> None:
        self._writer = writer
        self._folder = folder
        self.name = writer.name
        self.model = writer.model
        self.reads_prompt = writer.reads_prompt

    @property
    def warms_cache(self) -> bool:
        """As the inner writer."""
        return warms_cache(self._writer)

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """The inner writer's reply, once it is stored."""
        reply = await self._writer.write(task, on_delta)
        place = _place(self._folder, task)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = place.with_suffix(".part")
            draft.write_text(reply.model_dump_json(indent=2), encoding="utf-8")
            draft.replace(place)
        except OSError as error:
            raise OutputError(f"录制目录 {self._folder} 无法写入，请检查路径和权限") from error
        return reply
