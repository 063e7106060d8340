"""Plans under kill -9: `python -m evals.bench.durability [--kills 100] [--postgres URL] [--seed 1]`.

Four plans a round over a model endpoint with random latencies: one is drafted, one edited meanwhile, one cancelled and
taken up again, one edited and redrafted, by clients that know no more than HTTP tells them. The service is killed at
random moments, after a random number of calls, and at the places that service/jobs/passing.py names. With --postgres
(URL of a server on which databases may be made) one process serves and two more work, and one of the three is killed.

Prints one JSON object. `faults` is empty when every plan has in every section what the endpoint gave for it (and, where
nobody changed anything, the text of an undisturbed run), all edits, events numbered without a gap and each key once, the
same events at a client that reconnects, and databases without damage. `paid_again`: calls made although
their answer was in the ledger (`kept`: must be 0), and calls whose answer had been sent and was not yet kept (`sent`: the
window that nobody can close) or was under way (`cut`) when the service was killed, so that they were made again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import psycopg

from evals.bench.errands import ERRANDS, SMALL, Errand, faults_of, request_for, url_of
from evals.bench.paid import PaidEndpoint, drafts_of
from evals.bench.served import Running, Service
from evals.bench.site import Site
from schemas.draft import Reply, Task
from schemas.plan import PlanRequest
from service.facts.intake import read_sheet
from service.jobs.passing import Place
from service.pipeline import Kit, draft_plan
from service.prompt.outlines import load_outline
from service.writer.protocol import OnDelta

LATENCY = (0.005, 0.06)
KILLS_A_ROUND = 5
WHOLE_EVERY = 5
"""One round in so many has whole plans instead of small ones."""
PATIENCE = 300.0
"""Seconds after the last kill within which a round's plans must end."""
WORKERS = ("serving", "second", "third")


@dataclass(slots=True)
class Figures:
    """What came of all rounds."""

    kills: Counter[str] = field(default_factory=Counter)
    plans: int = 0
    sections: int = 0
    edits: int = 0
    events: int = 0
    calls: int = 0
    replies: int = 0
    unanswered: int = 0
    again: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Direct:
    """A writer that has the endpoint's words without the wire: what an undisturbed run gets."""

    name = "direct"
    model = "bench"
    reads_prompt = True

    def __init__(self, endpoint: PaidEndpoint) -> None:
        self._endpoint = endpoint

    async def write(self, task: Task, on_delta: OnDelta | None = None) -> Reply:
        """Implements Writer."""
        del on_delta
        _, answer, _ = self._endpoint.take({"messages": [m.model_dump() for m in task.prompt.messages]})
        content = json.loads(answer)["choices"][0]["message"]["content"]
        return Reply(content=content, writer=self.name, model=self.model)


class Round:
    """Some plans in a database of their own, and the service that is killed under them."""

    def __init__(self, endpoint: PaidEndpoint, chance: random.Random, folder: Path, database: str | None) -> None:
        self._endpoint = endpoint
        self._chance = chance
        self._folder = folder
        self._database = database
        self._site = Site()
        self._names = WORKERS if database else WORKERS[:1]
        self._running: dict[str, Running] = {}

    async def run(self, request: PlanRequest, number: int, kills: int, figures: Figures) -> None:
        """Kills so often, unless the plans end before; then looks what there is."""
        sections = None if number % WHOLE_EVERY == WHOLE_EVERY - 1 else SMALL
        tokens = [f"第{number}批{n}号" for n in range(len(ERRANDS))]
        errands = [Errand(self._site, request_for(request, t, sections), t, self._chance) for t in tokens]
        work = [asyncio.ensure_future(do(e)) for do, e in zip(ERRANDS, errands, strict=True)]
        first = len(self._endpoint.calls)
        try:
            while kills and not all(w.done() for w in work):
                kills -= await self._killed(work, figures.kills)
            await self._all_running()
            try:
                async with asyncio.timeout(PATIENCE):
                    await asyncio.gather(*work)
            except TimeoutError:
                figures.faults += [
                    f"{e.token}: has not ended" for e, w in zip(errands, work, strict=True) if not w.done()
                ]
        finally:
            for process in self._running.values():
                await process.end()
            for waiting in work:
                waiting.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await self._site.client.aclose()
        await Findings(self._endpoint, self._folder, self._database).look(errands, first, figures)
        figures.unanswered += self._site.unanswered

    async def _killed(self, work: Sequence[asyncio.Future[None]], kills: Counter[str]) -> int:
        """Starts what does not run, and kills one process while there is work: at a place, after calls, at a moment."""
        name = self._chance.choice(self._names)
        how = self._chance.choice(("moment", "calls", "place"))
        place: Place | None = self._chance.choice(get_args(Place)) if how == "place" else None
        if place is not None and (old := self._running.pop(name, None)) is not None:
            await old.end()  # a gentle end, for once: what it was at is left all the same
        await self._all_running(name, place, self._chance.randint(1, 6))
        process = self._running.pop(name)
        wait = asyncio.ensure_future(self._until(how, process))
        await asyncio.wait([wait, asyncio.ensure_future(asyncio.wait(work))], return_when=asyncio.FIRST_COMPLETED)
        wait.cancel()
        over = all(w.done() for w in work)
        if process.http:
            self._site.closes()
        process.kill()
        await process.end()
        kills[how if place is None else place] += not over
        if len(self._names) > 1 and not process.http:
            await asyncio.sleep(self._chance.uniform(0, 2))  # the others may find its work before it comes back
        return not over

    async def _until(self, how: str, process: Running) -> None:
        """The moment to kill; a place may never be passed, so that it is a moment too in the end."""
        calls = len(self._endpoint.calls)
        wanted = calls + self._chance.randint(1, 30)
        end = time.monotonic() + (self._chance.uniform(0, 1.5) if how == "moment" else 6)
        while process.lives and time.monotonic() < end and (how != "calls" or len(self._endpoint.calls) < wanted):  # noqa: ASYNC110
            await asyncio.sleep(0.003)

    async def _all_running(self, marked: str = "", place: Place | None = None, after: int = 1) -> None:
        for name in self._names:
            if name not in self._running:
                http = name == self._names[0]
                service = Service(
                    self._endpoint.url,
                    self._folder,
                    self._database,
                    name,
                    place if name == marked else None,
                    after,
                    http,
                )
                self._running[name] = process = Running(service)
                port = await process.started()
                if http and port:
                    self._site.opens(port)


class Findings:
    """What a round left in its databases."""

    def __init__(self, endpoint: PaidEndpoint, folder: Path, database: str | None) -> None:
        self._endpoint = endpoint
        self._folder = folder
        self._database = database

    async def look(self, errands: Sequence[Errand], first: int, figures: Figures) -> None:
        """Adds what is found to the figures."""
        ledger = {n for (n,) in self._rows("SELECT completion_tokens FROM replies")}
        calls = self._endpoint.calls[first:]
        again = self._endpoint.again(ledger, first)
        figures.again.update(again._asdict())
        figures.calls += len(calls)
        figures.replies += len(ledger)
        for errand in errands:
            if errand.plan:
                await self._plan(errand, figures)
        if self._database is None:
            for file in sorted(self._folder.glob("*.sqlite")):
                with sqlite3.connect(file) as connection:
                    told = connection.execute("PRAGMA integrity_check").fetchone()[0]
                connection.close()
                figures.faults += [f"{file.name}: {told}"] * (told != "ok")

    async def _plan(self, errand: Errand, figures: Figures) -> None:
        texts = dict(self._rows("SELECT section, text FROM sections WHERE plan_id = ?", errand.plan))
        versions = self._rows(
            "SELECT section, kind, text FROM revisions WHERE plan_id = ? ORDER BY number", errand.plan
        )
        saved: dict[str, list[str]] = {}
        for section, kind, text in versions:
            if kind == "edit":
                saved.setdefault(section, []).append(text)
        kinds = {section: kind for section, kind, _ in versions}
        quiet = PaidEndpoint(self._endpoint.drafts, (0, 0), 0)
        outline = load_outline(errand.request.sheet.outline)
        plan = await draft_plan(errand.request, Kit(outline, (), Direct(quiet)))
        wanted = {s.id: s.text for s in plan.sections}
        figures.faults += faults_of(errand, texts, kinds, saved, wanted, self._endpoint)
        figures.faults += self._events(errand, figures)
        figures.plans += 1
        figures.sections += len(texts)
        figures.edits += sum(map(len, errand.edits.values()))

    def _events(self, errand: Errand, figures: Figures) -> list[str]:
        """Events without a gap, each key once; and the follower saw all of them, each once, but for ends in between."""
        rows = self._rows("SELECT seq, key, data FROM events WHERE plan_id = ? ORDER BY seq", errand.plan)
        figures.events += len(rows)
        faults = []
        if [r[0] for r in rows] != list(range(1, len(rows) + 1)):
            faults.append(f"{errand.token}: events have a gap")
        if len({r[1] for r in rows}) != len(rows):
            faults.append(f"{errand.token}: an event is doubled")
        data = [(r[0], json.loads(r[2]) if isinstance(r[2], str) else r[2]) for r in rows]
        wanted = [seq for seq, event in data if event["event"] != "end"]
        assert errand.follower is not None
        if errand.follower.numbers != wanted:
            differ = sorted(set(wanted) ^ set(errand.follower.numbers))
            faults.append(f"{errand.token}: the follower saw other events: {differ[:5]}")
        return faults

    def _rows(self, query: str, *given: str) -> list[Any]:
        if self._database is None:
            connection = sqlite3.connect(self._folder / "product.sqlite")
            try:
                return connection.execute(query, given).fetchall()
            finally:
                connection.close()
        with psycopg.connect(self._database) as postgres:
            return postgres.execute(query.replace("?", "%s").encode(), given).fetchall()


async def measured(kills: int, seed: int, server: str | None, folder: Path | None) -> Figures:
    """Rounds until the service was killed so often."""
    figures = Figures()
    chance = random.Random(seed)  # noqa: S311 - nothing is secret here
    sheet = read_sheet((files("evals") / "datasets" / "wanghai.json").read_bytes(), outline=load_outline)
    request = PlanRequest(sheet=sheet)
    endpoint = PaidEndpoint(await drafts_of(request), LATENCY, seed)
    await endpoint.start()
    number = 0
    try:
        while sum(figures.kills.values()) < kills:
            at = Path(tempfile.mkdtemp(prefix="fangan-kills-", dir=folder))
            wanted = min(KILLS_A_ROUND, kills - sum(figures.kills.values()))
            database = _made(server, f"kills_{seed}_{number}") if server else None
            try:
                await Round(endpoint, chance, at, database).run(request, number, wanted, figures)
            finally:
                if server:
                    _dropped(server, f"kills_{seed}_{number}")
            if figures.faults:
                print(f"kept for a look: {at} {figures.faults}", file=sys.stderr)
                break
            shutil.rmtree(at)
            number += 1
            told = f"round {number}: {sum(figures.kills.values())} kills, paid again {dict(figures.again)}"
            print(told, file=sys.stderr, flush=True)
    finally:
        endpoint.stop()
    return figures


def _made(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        admin.execute(f"CREATE DATABASE {name}".encode())
    return url_of(server, name)


def _dropped(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def main() -> None:
    """Prints the figures; ends with 1 where there are faults or a kept reply was paid again."""
    parser = argparse.ArgumentParser(description="Plans under kill -9")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", help="URL of a server on which databases may be made")
    parser.add_argument("--folder", type=Path, help="where the databases are; a memory disk is quicker")
    given = parser.parse_args()
    start = time.monotonic()
    found = asyncio.run(measured(given.kills, given.seed, given.postgres, given.folder))
    told = {
        "database": "postgres" if given.postgres else "sqlite",
        "seed": given.seed,
        "kills": sum(found.kills.values()),
        "kills_by": dict(found.kills.most_common()),
        "plans": found.plans,
        "sections": found.sections,
        "edits": found.edits,
        "events": found.events,
        "calls": found.calls,
        "replies_kept": found.replies,
        "requests_unanswered": found.unanswered,
        "paid_again": {k: found.again[k] for k in ("kept", "sent", "cut")},
        "faults": found.faults,
        "seconds": round(time.monotonic() - start),
    }
    print(json.dumps(told, ensure_ascii=False, indent=1))
    sys.exit(1 if found.faults or found.again["kept"] else 0)


if __name__ == "__main__":
    main()
