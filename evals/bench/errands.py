"""What a drafter does with a plan in the durability bench, and whether the plan then is what it should be."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from evals.bench.paid import PaidEndpoint
from evals.bench.site import Follower, Site
from schemas.plan import PlanOptions, PlanRequest

BODY = ("2.1", "2.2", "2.3", "3.1", "4.1", "4.2")
SMALL = ("1.1", *BODY)
EDIT = "望海市电子商务发展基础良好，经会议研究，本节由起草人重新撰写（{}）。"


@dataclass(slots=True)
class Errand:
    """One plan and what is done with it. `token` is in all of its prompts."""

    site: Site
    request: PlanRequest
    token: str
    chance: random.Random
    plan: str = ""
    follower: Follower | None = None
    edits: dict[str, list[str]] = field(default_factory=dict)
    """Section → texts that the service said it had saved, in their order."""
    redrafted: dict[str, str] = field(default_factory=dict)
    """Section → token of the redraft that came last."""
    exact: bool = True
    """Whether the texts are those of an undisturbed run, where nobody changed them."""

    async def make(self) -> Follower:
        """Has the plan made, once, however often that must be asked."""
        options: dict[str, Any] = self.request.options.model_dump(mode="json")
        body = {**self.request.sheet.model_dump(mode="json"), **options}
        answer = await self.site.ask("POST", "/v1/plans", body, {"Idempotency-Key": self.token.encode().hex()})
        answer.raise_for_status()
        self.plan = answer.json()["id"]
        self.follower = Follower(self.site, self.plan)
        return self.follower

    async def drafted(self) -> None:
        """Nothing but the drafting."""
        await (await self.make()).until_end()

    async def edited(self) -> None:
        """A section is edited while others are drafted, and one more when all are."""
        follower = await self.make()
        self.exact = False  # the summary is drawn from the edited text
        first = self.chance.choice(BODY)

        def ended(_: str, data: dict[str, Any]) -> bool:
            return data.get("section") == first and data.get("status") in ("done", "needs_review")

        await follower.until_end(lambda name, data: ended(name, data) or name == "end")
        await self.edit(first)
        await follower.until_end()
        await self.edit(self.chance.choice(BODY))
        await follower.until_end()

    async def cancelled(self) -> None:
        """Cancelled at some moment, and taken up again."""
        follower = await self.make()
        await asyncio.sleep(self.chance.uniform(0.1, 1.5))
        (await self.site.ask("POST", f"/v1/plans/{self.plan}:cancel")).raise_for_status()
        await asyncio.sleep(self.chance.uniform(0, 0.3))
        (await self.site.ask("POST", f"/v1/plans/{self.plan}:resume")).raise_for_status()
        await follower.until_end()

    async def rewritten(self) -> None:
        """A section is edited, then written anew from that text; then another one."""
        follower = await self.make()
        await follower.until_end()
        first, second = self.chance.sample(BODY, 2)
        await self.edit(first)
        for section in (first, second):
            await self.redraft(section)
            await follower.until_end()

    async def edit(self, section: str) -> None:
        """Replaces the text of the version that was read; a request that broke off is looked after."""
        path = f"/v1/plans/{self.plan}/sections/{section}"
        text = EDIT.format(f"{self.token}第{len(self.edits.get(section, ())) + 1}稿")
        while True:
            shown = await self.site.ask("GET", path)
            shown.raise_for_status()
            if shown.json()["text"] == text:
                break  # saved by a request that was never answered
            answer = await self.site.once("PUT", path, {"text": text}, {"If-Match": shown.headers["ETag"]})
            if answer is not None and answer.status_code == 200:
                break
            if answer is not None and answer.status_code not in (409, 412, 503):
                answer.raise_for_status()
            await asyncio.sleep(0.1)
        self.edits.setdefault(section, []).append(text)

    async def redraft(self, section: str) -> None:
        """Has the section written again; asked again only where the request that broke off was not taken."""
        path = f"/v1/plans/{self.plan}/sections/{section}"
        token = f"{self.token}之{section}重写"
        before = (await self.site.ask("GET", path)).json()["revision"]
        while True:
            answer = await self.site.once("POST", f"{path}:redraft", {"instruction": token})
            if answer is not None and answer.status_code == 202:
                break
            if answer is not None and answer.status_code not in (409, 503):
                answer.raise_for_status()
            now = (await self.site.ask("GET", path)).json()
            if now["status"] == "drafting" or now["revision"] > before:
                break
            await asyncio.sleep(0.1)
        self.redrafted[section] = token


ERRANDS: Sequence[Callable[[Errand], Awaitable[None]]] = (
    Errand.drafted,
    Errand.edited,
    Errand.cancelled,
    Errand.rewritten,
)


def request_for(sheet_request: PlanRequest, token: str, sections: tuple[str, ...] | None) -> PlanRequest:
    """The request whose prompts all hold the token."""
    options = PlanOptions(exemplars=(), sections=sections, instruction=token)
    return sheet_request.model_copy(update={"options": options})


def faults_of(
    errand: Errand,
    texts: Mapping[str, str],
    kinds: Mapping[str, str],
    saved: Mapping[str, Sequence[str]],
    wanted: Mapping[str, str],
    endpoint: PaidEndpoint,
) -> list[str]:
    """What is wrong with the plan's texts.

    `kinds`: of each section's newest version; `saved`: all texts by a person; `wanted`: texts of an undisturbed run.
    """
    faults = []
    for section, text in texts.items():
        where = f"{errand.token} {section}"
        edits = errand.edits.get(section, [])
        faults += [f"{where}: an edit is lost" for edit in edits if edit not in saved.get(section, ())]
        if len(saved.get(section, ())) != len(edits):
            faults.append(f"{where}: {len(saved.get(section, ()))} edits for {len(edits)}")
        token = errand.redrafted.get(section, errand.token)
        if edits and section not in errand.redrafted:
            if text != edits[-1]:
                faults.append(f"{where}: the edit is not the text that stands")
        elif not text or not any(f"（{mark}）" in text for mark in endpoint.marks_of(section, token)):
            faults.append(f"{where}: not what the endpoint gave for it")
        elif section in errand.redrafted:
            if kinds[section] != "redraft":
                faults.append(f"{where}: not redrafted")
        elif errand.exact and text != wanted[section]:
            faults.append(f"{where}: not the text of an undisturbed run")
    return faults


def url_of(database: str, name: str) -> str:
    """The same server's other database."""
    head, _, tail = database.rpartition("/")
    return f"{head}/{quote(name)}{'?' + tail.partition('?')[2] if '?' in tail else ''}"
