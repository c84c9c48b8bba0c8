from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.roster import AbsenceEntry
from storage import roster
from storage.journal import Journal
from storage.roster_absences import ROSTER_SOURCE, RosterAbsences
from storage.roster_changes import Changes
from storage.roster_kept import RosterError
from tests.storage.new_events import new_event
from tests.storage.roster_desk import BY, NOW, Roster, to

DAY = timedelta(days=1)


def away(person: str = "ana", start: int = 1, days: int = 7, **more: object) -> AbsenceEntry:
    """From `start` days after now."""
    at = NOW + start * DAY
    return AbsenceEntry.model_validate({"person": person, "from": at, "until": at + days * DAY} | more)


async def a_roster(engine: AsyncEngine) -> RosterAbsences:
    for name in ("ana", "bo"):
        await Roster(engine).person(name)
    await Roster(engine).team("sales", "ana")
    return RosterAbsences(engine)


async def test_an_absence_told_here_is_one_that_routing_sees(engine: AsyncEngine) -> None:
    absences = await a_roster(engine)

    made = await absences.add(away(), by=BY)
    again = await absences.add(away(), by=BY)

    assert made.after is not None
    assert (again.is_changed, again.after) == (False, made.after)
    async with engine.connect() as connection:
        for at, is_absent in ((NOW, False), (NOW + DAY, True), (NOW + 8 * DAY, False)):
            team = await roster.load_team(connection, "sales", at)
            assert team is not None
            assert [member.is_absent for member in team.members] == [is_absent]


async def test_an_absence_an_event_told_of_is_shown_changed_and_taken_back_here(
    engine: AsyncEngine, journal: Journal
) -> None:
    absences = await a_roster(engine)
    data = {"from": (NOW + DAY).isoformat(), "until": (NOW + 400 * DAY).isoformat()}
    event = new_event(id="1", type="person.absent", subject="stranger", data=data, source="hr")
    await journal.append([event], NOW)

    [kept] = await absences.list()
    assert (kept.entry.person, kept.origin) == ("stranger", "hr")
    gone = await absences.edit(UUID(kept.name), to(None), by=BY)
    await journal.append([event], NOW)

    assert gone.before is not None
    assert await absences.list() == []  # told again, the same event changes nothing
    [change] = await Changes(engine).list(kind="absence")
    assert (change.subject, change.what, change.actor) == ("stranger", "removed", "opal")


async def test_an_absence_told_in_another_zone_is_the_same_when_it_is_read(engine: AsyncEngine) -> None:
    absences = await a_roster(engine)
    times = {"from": "2026-12-21T00:00:00+01:00", "until": "2026-12-28T00:00:00+01:00"}
    made = await absences.add(AbsenceEntry.model_validate({"person": "ana", **times}), by=BY)

    [kept] = await absences.list()

    assert made.after is not None
    assert kept.version == made.after.version


async def test_an_absence_is_changed_but_stays_its_persons(engine: AsyncEngine) -> None:
    absences = await a_roster(engine)
    made = await absences.add(away(), by=BY)
    assert made.after is not None
    name = UUID(made.after.name)

    longer = await absences.edit(name, to(away(days=9, deputy="bo")), by=BY)

    assert longer.after is not None
    assert await absences.get(name) == longer.after
    assert longer.after.origin == ROSTER_SOURCE
    with pytest.raises(RosterError, match="stays its person's"):
        await absences.edit(name, to(away("bo")), by=BY)


async def test_people_nobody_knows_are_refused_each_with_its_place(engine: AsyncEngine) -> None:
    absences = await a_roster(engine)

    with pytest.raises(RosterError) as refused:
        await absences.add(away("nobody", deputy="nobody-else"), by=BY)

    assert [fault.place for fault in refused.value.faults] == ["person", "deputy"]


async def test_absences_come_in_the_order_of_their_starts_in_pages(engine: AsyncEngine) -> None:
    absences = await a_roster(engine)
    for start in (5, 1, 3):
        await absences.add(away(start=start, days=2), by=BY)
    await absences.add(away("bo", start=1, days=1), by=BY)

    first, second = await absences.list(person="ana", limit=2)
    [third] = await absences.list(person="ana", after=(second.entry.starts_at, UUID(second.name)))

    assert [kept.entry.starts_at - NOW for kept in (first, second, third)] == [DAY, 3 * DAY, 5 * DAY]
    ending_later = await absences.list(ends_after=NOW + 3 * DAY)
    assert [kept.entry.starts_at - NOW for kept in ending_later] == [3 * DAY, 5 * DAY]
    assert len(await absences.list(starts_before=NOW + 3 * DAY)) == 2


async def test_an_absence_nobody_knows_is_nothing(engine: AsyncEngine) -> None:
    absences = await a_roster(engine)

    done = await absences.edit(uuid4(), to(away()), by=BY)

    assert (done.before, done.after) == (None, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"until": NOW}, "until must be later"),
        ({"until": NOW - DAY}, "until must be later"),
        ({"until": NOW + 367 * DAY}, "at most 366 days"),
        ({"until": datetime(2026, 6, 1)}, "timezone"),  # noqa: DTZ001  that is the point
        ({"from": datetime(1969, 1, 1, tzinfo=UTC)}, "from 1970"),
        ({"deputy": "ana"}, "nobody stands in for themselves"),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused_at_sight(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        AbsenceEntry.model_validate({"person": "ana", "from": NOW, "until": NOW + DAY} | fields)
