"""Sections and versions: every text is a version, none is lost or changed, who saw an older one is told."""

from __future__ import annotations

import asyncio

import pytest

from schemas.plan import SectionStatus
from schemas.stored import Revision
from service.errors import EditConflictError, UnknownSectionError, UnknownVersionError
from service.store import Database, plans, sections
from tests import factories
from tests.doubles.stored_plans import draft_section, in_database, new_plan


def test_versions_are_added_and_the_last_is_the_sections_text(url: str) -> None:
    edited = factories.OVERVIEW.replace("保持平稳", "稳中向好")

    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            before = await sections.all_of(session, plan.id)
            first = await draft_section(session, plan.id)
            second = await draft_section(
                session, plan.id, "2.1", 1, kind="edit", who="市商务局", why="与统计公报一致", text=edited,
                status=SectionStatus.EDITED,
            )  # fmt: skip
        async with database.reading() as session:
            now_, *others = await sections.all_of(session, plan.id)
            assert await sections.revisions(session, plan.id, "2.1") == [first, second]
            assert await sections.revision(session, plan.id, "2.1", 1) == first
            assert await sections.get(session, plan.id, "2.1") == now_
        assert (first.number, first.text, second.number, second.text) == (1, factories.OVERVIEW, 2, edited)
        assert (second.kind, second.who, second.why) == ("edit", "市商务局", "与统计公报一致")
        assert (now_.revision, now_.text, now_.status, now_.result) == (2, edited, "edited", second.result)
        assert others == before[1:]

    in_database(url, work)


def test_of_two_who_edit_the_same_version_one_is_refused_and_nothing_is_lost(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            await draft_section(session, plan.id)

        async def edit(who: str) -> Revision | EditConflictError:
            try:
                async with database.writing() as session:
                    return await draft_section(session, plan.id, "2.1", 1, kind="edit", who=who, text=f"{who}改写。")
            except EditConflictError as conflict:
                return conflict

        ends = await asyncio.gather(edit("张三"), edit("李四"))
        saved = [end for end in ends if isinstance(end, Revision)]
        refused = [end for end in ends if isinstance(end, EditConflictError)]
        assert len(saved) == len(refused) == 1
        assert "第 2 版" in refused[0].message
        async with database.reading() as session:
            versions = await sections.revisions(session, plan.id, "2.1")
            assert [v.number for v in versions] == [1, 2]
            assert versions[1] == saved[0]
            assert (await sections.get(session, plan.id, "2.1")).text == saved[0].text

    in_database(url, work)


def test_versions_added_at_once_are_all_kept_in_one_row_of_numbers(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)

        async def add(section: str, n: int) -> None:
            async with database.writing() as session:
                await draft_section(session, plan.id, section, text=f"第{n}稿。")

        await asyncio.gather(*(add(section, n) for n in range(10) for section in ("2.1", "3")))
        async with database.reading() as session:
            for section in ("2.1", "3"):
                versions = await sections.revisions(session, plan.id, section)
                assert [v.number for v in versions] == list(range(1, 11))
                assert {v.text for v in versions} == {f"第{n}稿。" for n in range(10)}
                assert (await sections.get(session, plan.id, section)).text == versions[-1].text

    in_database(url, work)


def test_checking_again_changes_neither_text_nor_version(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            first = await draft_section(session, plan.id)
            found = factories.section(
                "2.1", factories.OVERVIEW, findings=[factories.finding(factories.OVERVIEW, "680亿元")]
            )
            await sections.set_result(session, plan.id, "2.1", SectionStatus.NEEDS_REVIEW, found)
        async with database.reading() as session:
            section = await sections.get(session, plan.id, "2.1")
            assert await sections.revisions(session, plan.id, "2.1") == [first]
        assert (section.revision, section.text) == (1, factories.OVERVIEW)
        assert (section.status, section.result) == (SectionStatus.NEEDS_REVIEW, found)

    in_database(url, work)


def test_a_status_alone_may_change(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            await sections.set_status(session, plan.id, "3", SectionStatus.DRAFTING)
            assert (await sections.get(session, plan.id, "3")).status is SectionStatus.DRAFTING
            counted = {SectionStatus.PENDING: 2, SectionStatus.DRAFTING: 1}
            assert await sections.progress(session, [plan.id]) == {plan.id: counted}

    in_database(url, work)


def test_sections_and_versions_that_are_not_there(url: str) -> None:
    async def work(database: Database) -> None:
        async with database.writing() as session:
            plan = await new_plan(session)
            for asked in (
                sections.get(session, plan.id, "9.9"),
                sections.set_status(session, plan.id, "9.9", SectionStatus.DONE),
                sections.set_result(session, plan.id, "9.9", SectionStatus.DONE, factories.section("9.9", "。")),
                draft_section(session, plan.id, "9.9"),
            ):
                with pytest.raises(UnknownSectionError, match=r"9\.9"):
                    await asked
            with pytest.raises(UnknownVersionError, match="第 7 版"):
                await sections.revision(session, plan.id, "2.1", 7)
            with pytest.raises(EditConflictError):
                await draft_section(session, plan.id, "2.1", 1)
            assert await plans.get(session, plan.id) == plan

    in_database(url, work)
