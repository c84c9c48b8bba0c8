"""Playing a script: as acts of whoever has the lead then, in spite of a system that goes away."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from workers.demo.plan import By, PlannedEvent
from workers.demo.stage import Owners, Stage, SystemAwayError

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def planned(seconds: float, type_: str = "lead.touched", by: By = By.OWNER, lead: int = 1, **more: Any) -> PlannedEvent:
    return PlannedEvent(lead, f"{lead}-{type_}-{seconds}", type_, timedelta(seconds=seconds), by=by, **more)


CAPTURED = planned(0, "lead.captured", By.NOBODY)


@dataclass
class World:
    """A system and a clock in memory. `owners` says who has the lead from which second on."""

    owners_since: list[tuple[float, Owners]] = field(default_factory=lambda: [(0, Owners("ana", "ana"))])
    away_between: tuple[float, float] = (-1, -1)
    passed: float = 0
    batches: list[list[dict[str, Any]]] = field(default_factory=list)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)

    async def send(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self.away_between[0] <= self.passed < self.away_between[1]:
            raise SystemAwayError
        known = {event["id"]: event for event in self.events}
        assert all(known.get(event["id"], event) == event for event in events), "a repeat is the same to the letter"
        assert len({event["id"] for event in events}) == len(events)
        self.batches.append(events)
        return [{"lead_id": event["subject"], "duplicate": event["id"] in known} for event in events]

    async def owners(self, lead_id: str) -> Owners:
        del lead_id
        return [owners for since, owners in self.owners_since if since <= self.passed][-1]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for batch in self.batches for event in batch]

    async def play(self, *script: PlannedEvent, seconds: float = 60) -> Stage:
        stage = Stage(self, "run", script, now=self.now, sleep=self.sleep)
        await stage.play(timedelta(seconds=seconds), lambda _: None)
        return stage

    def touches(self) -> list[tuple[str, float]]:
        """By whom, and at which second they say they happened."""
        return [
            (event["data"]["by"], (datetime.fromisoformat(event["time"]) - START).total_seconds())
            for event in self.events
            if event["type"] == "lead.touched"
        ]


async def test_events_go_out_when_they_are_due() -> None:
    world = World()
    stage = await world.play(CAPTURED, planned(5), planned(90))
    assert [(event["type"], event["subject"]) for event in world.events] == [
        ("lead.captured", "run-000001"), ("lead.touched", "run-000001")
    ]  # fmt: skip
    [(by, at)] = world.touches()
    assert (by, round(at)) == ("ana", 5)
    assert (stage.played.sent, stage.played.lead_ids) == (2, {1: "run-000001"})


async def test_an_act_is_of_whoever_has_the_lead_then() -> None:
    world = World([(0, Owners("ana", "ana")), (10, Owners("ana", "ben"))])
    script = (CAPTURED, planned(5), planned(12), planned(14, by=By.FIRST_OWNER), planned(16, by=By.NEXT_OWNER))
    await world.play(*script)
    assert [by for by, _ in world.touches()] == ["ana", "ben", "ana", "ben"]


async def test_the_next_owner_acts_only_where_the_lead_has_moved_on() -> None:
    world = World()
    stage = await world.play(CAPTURED, planned(5, by=By.NEXT_OWNER))
    assert world.touches() == []
    assert stage.played.not_played == 1


async def test_an_act_waits_for_an_owner_but_not_for_ever() -> None:
    world = World([(0, Owners(None, None)), (8, Owners("ana", "ana"))])
    await world.play(CAPTURED, planned(5))
    [(by, at)] = world.touches()
    assert (by, 8 <= at < 9) == ("ana", True)

    nobody = World([(0, Owners(None, None))])
    stage = await nobody.play(CAPTURED, planned(5))
    assert (nobody.touches(), stage.played.not_played) == ([], 1)


async def test_what_follows_a_touch_needs_one_and_automatic_mail_is_none() -> None:
    automatic = planned(5, data={"channel": "email", "mode": "sequence_auto"})
    won = planned(9, "lead.won", after_touch=True)
    unmoved, touched = World(), World()
    await unmoved.play(CAPTURED, automatic, won)
    await touched.play(CAPTURED, automatic, planned(7), won)
    assert [event["type"] for event in unmoved.events] == ["lead.captured", "lead.touched"]
    assert [event["type"] for event in touched.events][-1] == "lead.won"


async def test_late_word_carries_the_instant_it_happened() -> None:
    world = World()
    await world.play(CAPTURED, planned(30, by=By.FIRST_OWNER, happened_after=timedelta(seconds=11)))
    assert world.touches() == [("ana", 11.0)]


async def test_a_repeat_is_sent_to_the_letter_in_a_later_batch() -> None:
    world = World()
    touch = planned(5)
    again = PlannedEvent(1, touch.id, touch.type, timedelta(seconds=5), repeats=True)
    stage = await world.play(CAPTURED, touch, again)
    assert (stage.played.sent, stage.played.repeats) == (3, 1)


async def test_a_meeting_says_when_it_takes_place() -> None:
    world = World()
    await world.play(CAPTURED, planned(5, "lead.meeting_booked", meets_after=timedelta(seconds=20)))
    assert world.events[-1]["data"] == {"by": "ana", "at": (START + timedelta(seconds=20)).isoformat()}


async def test_a_system_that_goes_away_gets_everything_when_it_is_back() -> None:
    world = World(away_between=(4, 30))
    stage = await world.play(CAPTURED, planned(5), planned(20))
    assert len(world.touches()) == 2
    # what happened while it was away says when
    assert round(world.touches()[0][1]) == 5
    assert 25 <= stage.played.away_seconds <= 31
