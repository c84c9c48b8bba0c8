"""A whole script on a stage in memory: every kind of event and command that practice knows is seen."""

from dataclasses import dataclass
from typing import Any

from leads.events import EVENTS
from tests.workers.demo_world import World
from workers.demo import cast
from workers.demo.casting import Standing
from workers.demo.plan import plan

_NOT_PLAYED = {
    "lead.updated",
    "lead.linked",
    "lead.consent_changed",
    "lead.reopened",
    "lead.bounced",
    "lead.complained",
    "lead.released",
    "lead.unlisted",
}
"""Facts of machines about data, mail and lists; nobody of sales or marketing does them."""
_COMMANDS = {
    "accept", "reject", "return", "recycle", "callback", "reassign", "claim", "touch", "snooze", "waive", "feedback",
    "disqualify",
}  # fmt: skip


@dataclass
class Company(World):
    """Leads stand as the last one who was given them has it; everything is promised, and early efforts are refused."""

    async def standing(self, lead_id: str) -> Standing:
        owner = next((by for at, by in reversed(self.given(lead_id)) if at <= self.passed), "ana")
        running: dict[str, str | None] = {"first_touch": owner, "next_step": owner, "feedback": owner}
        return Standing("ben", owner, running)

    def given(self, lead_id: str) -> list[tuple[float, str]]:
        mine = [event for event in self.events if event["subject"] == lead_id]
        return [
            (0, "ana" if event["type"] == "lead.returned" else event["data"]["owner"])
            for event in mine
            if event["type"] in ("lead.assigned", "lead.returned")
        ]


async def test_a_played_script_has_every_kind_of_event_and_command() -> None:
    world = Company()
    stage = await world.play(*plan(3, 700, 10), seconds=600)
    assert set(world.types()) == {name for name in EVENTS if name.startswith(("lead.", "content."))} - _NOT_PLAYED
    assert {body["command"] for _, _, body in world.commands} == _COMMANDS
    assert stage.played.granted == len(world.commands)


async def test_the_same_seed_plays_the_same() -> None:
    async def played() -> tuple[list[dict[str, Any]], list[tuple[str, str, dict[str, Any]]]]:
        world = Company()
        await world.play(*plan(5, 40, 10), seconds=600)
        return world.events, world.commands

    assert await played() == await played()


async def test_people_named_by_the_script_are_of_the_starter_roster() -> None:
    world = Company()
    await world.play(*plan(3, 300, 10), seconds=600)
    people = {*cast.REPS, *cast.CLOSERS, cast.MANAGER}
    assert {actor for _, actor, _ in world.commands} <= people
    assert {e["data"]["owner"] for e in world.events if e["type"] == "lead.assigned"} == set(cast.CLOSERS)
