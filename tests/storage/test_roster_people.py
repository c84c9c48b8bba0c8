import asyncio
from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.roster import PersonEntry
from storage import roster_changes as changes_module
from storage.ids import uuid7
from storage.roster_changes import Changes
from storage.roster_kept import Kept, RosterError
from storage.tables import leads, people
from tests.storage.roster_desk import BY, NOW, OFFICE, Roster, a_person, to

EVERYTHING = {
    "manager": "mira", "deputy": "bo", "timezone": "Europe/Lisbon", "calendar": OFFICE, "skills": ["fr", "de", "fr"],
    "territories": ["DACH"], "max_open_leads": 40, "max_new_leads_per_day": 0,
}  # fmt: skip


async def test_a_person_is_kept_with_everything_that_is_said_of_them(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    for name in ("mira", "bo"):
        await roster.person(name)
    made = await roster.person("ana", **EVERYTHING)

    kept = await roster.people.get("ana")

    assert made.before is None
    assert kept is not None
    assert kept.entry == a_person("ana", **EVERYTHING)
    assert kept.entry.skills == ("de", "fr")
    assert made.after is not None
    assert kept.version == made.after.version


async def test_people_come_by_id_in_pages_all_or_some(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    for name in ("cleo", "ana", "bo"):
        await roster.person(name)
    await roster.person("bo", is_active=False)
    await roster.team("sales", "cleo", "bo")

    async def names(**asked: object) -> list[str]:
        return [kept.name for kept in await roster.people.list(**asked)]  # type: ignore[arg-type]  # a table's words

    assert await names(limit=2) == ["ana", "bo"]
    assert await names(after="bo") == ["cleo"]
    assert await names(is_active=False) == ["bo"]
    assert await names(team="sales") == ["bo", "cleo"]


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"manager": "nobody"}, ["manager"]),
        ({"manager": "nobody", "deputy": "nobody"}, ["manager", "deputy"]),
        ({"manager": "ana"}, ["manager"]),  # her own
        ({"deputy": "ana"}, ["deputy"]),
        ({"manager": "cleo"}, ["manager"]),  # ana → cleo → bo → ana
        ({"calendar": OFFICE | {"holidays": [{"country": "XX"}]}}, ["calendar.holidays[0].country"]),
        ({"calendar": {"timezone": "UTC", "date_overrides": {"2020-01-01": [["09:00", "17:00"]]}}}, ["calendar"]),
    ],
)
async def test_what_does_not_fit_is_refused_with_each_place(
    engine: AsyncEngine, fields: dict[str, object], places: list[str]
) -> None:
    roster = Roster(engine)
    await roster.person("ana")
    await roster.person("bo", manager="ana")
    await roster.person("cleo", manager="bo")

    with pytest.raises(RosterError) as refused:
        await roster.person("ana", **fields)

    assert [fault.place for fault in refused.value.faults] == places
    kept = await roster.people.get("ana")
    assert kept is not None
    assert kept.entry == a_person("ana")


async def test_two_edits_at_once_make_no_circle_of_managers(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    for name in ("ana", "bo"):
        await roster.person(name)

    done = await asyncio.gather(
        roster.person("ana", manager="bo"), roster.person("bo", manager="ana"), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in done) == ["Edited", "RosterError"]


async def test_holidays_are_expanded_when_hours_are_written(engine: AsyncEngine) -> None:
    await Roster(engine).person("ana", calendar=OFFICE | {"holidays": [{"country": "DE"}]})

    async with engine.connect() as connection:
        row = (await connection.execute(select(people.c.calendar, people.c.open_hours))).one()

    assert row.calendar["holidays"] == [{"country": "DE", "subdivision": None}]
    assert date(2026, 12, 25).isoformat() in row.open_hours["holidays"]


async def test_who_is_deactivated_is_told_with_what_still_hangs_on_them(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    await roster.playbook(may_waive="ana")
    await roster.person("ana")
    await roster.person("bo", manager="ana", deputy="ana")
    await roster.team("sales", "ana")
    async with engine.begin() as connection:
        for is_open, owner in ((True, "ana"), (True, "ana"), (False, "ana"), (True, "bo")):
            row = {"lead_id": uuid7(), "created_at": NOW, "updated_at": NOW, "owner": owner, "is_open": is_open}
            await connection.execute(insert(leads).values(row))

    left = await roster.people.edit("ana", to(None), by=BY)

    assert left.open_leads == 2
    assert [warning.split(",")[0] for warning in left.warnings] == [
        "'ana' is still the manager of 1 active person.",
        "'ana' is still the deputy of 1 active person.",
        "The playbook still names 'ana'.",
        "Nobody active is left in the team 'sales'",
    ]
    kept = await roster.people.get("ana")
    assert kept is not None
    assert kept.entry == a_person("ana", is_active=False)


async def test_a_manager_who_has_left_is_allowed_and_said(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    await roster.person("mira", is_active=False)

    made = await roster.person("ana", manager="mira")

    assert made.warnings == ("The manager 'mira' has left.",)


async def test_who_changed_what_and_when_is_kept_and_what_changes_nothing_is_not(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    await roster.person("ana")
    await roster.person("ana")
    await roster.person("ana", skills=["fr"])

    second, first = await Changes(engine).list(kind="person", subject="ana")

    assert (first.actor, first.at, first.what, first.before) == ("opal", NOW, "added", None)
    assert (second.what, second.fields) == ("changed", ["skills"])
    assert second.after is not None
    assert second.after["skills"] == ["fr"]


async def test_the_oldest_changes_are_forgotten(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    await roster.person("bo")
    for number in range(changes_module.MOST_KEPT + 5):
        await roster.person("ana", max_open_leads=number)
    changes = Changes(engine)

    assert len(await changes.list(subject="ana", limit=1000)) == changes_module.MOST_KEPT
    assert len(await changes.list(subject="bo")) == 1
    later = replace(BY, at=NOW + changes_module.KEPT_FOR * 40)
    await roster.people.edit("bo", to(a_person("bo", skills=["fr"])), by=later)
    assert len(await changes.list(limit=1000)) == 0  # with the newest: ids rise with the clock of this machine


async def test_what_a_change_raises_leaves_all_as_it_was(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    await roster.person("ana")

    def refuse(kept: Kept[PersonEntry] | None) -> PersonEntry:
        assert kept is not None
        raise PermissionError

    with pytest.raises(PermissionError):
        await roster.people.edit("ana", refuse, by=BY)
    assert len(await Changes(engine).list()) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""}, {"name": "  "}, {"name": "a\x1b[2J"}, {"email": "ana"}, {"email": "a@x.example, b@x.example"},
        {"email": "änna@example.com"}, {"timezone": "Mars/Base"}, {"calendar": {"timezone": "UTC", "weekly": {}}},
        {"max_open_leads": -1}, {"max_open_leads": "4"}, {"skills": [""]}, {"skills": [str(n) for n in range(51)]},
        {"is_active": "yes"}, {"manager": "a b"}, {"salary": 1},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_sight(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        a_person("ana", **fields)
