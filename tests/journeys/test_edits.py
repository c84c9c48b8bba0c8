"""An admin publishes a shorter first touch while a lead waits for it: what becomes of the promise is a choice.

The default playbook has eight hours for an ordinary lead; doors are open day and night here.
"""

from datetime import timedelta
from typing import Any

from storage.playbooks import Shelves
from storage.rollout_reach import RolloutReach
from storage.step_store import StepStore
from tests.journeys.house import house_rules
from tests.journeys.world import World, qualified_without_a_raised_hand

EIGHT = "first_touch:\n      target: PT8H"


def shorter(target: str) -> str:
    """The house's rules with another first touch for ordinary leads."""
    return house_rules().replace(EIGHT, EIGHT.replace("PT8H", target))


async def publish(lead: World, rules: str, running: dict[str, Any] | None) -> int:
    """Published now, and in force five seconds later."""
    body = {"source": rules, "comment": "quicker"} | ({"running": running} if running else {})
    made = await lead.house.front.posts("/v1/playbook/revisions", body, await lead.now())
    await lead.after(seconds=10)
    await lead.ring()
    return int(made["number"])


async def due_in(lead: World) -> timedelta:
    """Of the first touch, from when it was promised."""
    clock = await lead.clock("first_touch")
    due_in_: timedelta = clock.due_at - clock.started_at
    return due_in_


async def used_an_hour(lead: World) -> None:
    await qualified_without_a_raised_hand(lead)
    await lead.after(hours=1)


async def test_carried_the_promise_gets_the_new_target_and_keeps_the_time_it_has_used(lead: World) -> None:
    await used_an_hour(lead)
    revision = await publish(lead, shorter("PT4H"), {"default": "carry"})
    await reached(lead, revision)

    assert await due_in(lead) == timedelta(hours=4)
    assert "clock_adopted" in await lead.story()


async def test_kept_the_promise_finishes_under_the_target_it_has(lead: World) -> None:
    await used_an_hour(lead)
    await publish(lead, shorter("PT4H"), None)
    await lead.after(hours=1)

    assert await due_in(lead) == timedelta(hours=8)


async def test_restarted_the_promise_counts_anew(lead: World) -> None:
    await used_an_hour(lead)
    revision = await publish(lead, shorter("PT4H"), {"default": "restart"})
    await reached(lead, revision)

    assert timedelta(hours=5) <= await due_in(lead) < timedelta(hours=5, minutes=1)


async def test_for_new_leads_only_an_older_lead_keeps_its_promises_and_a_new_one_gets_the_new(lead: World) -> None:
    await used_an_hour(lead)
    await publish(lead, shorter("PT4H"), {"default": "new_leads_only"})
    assert await lead.command("reassign", "mira", owner="ben") == "granted"

    assert await due_in(lead) == timedelta(hours=8)


async def test_what_an_edit_would_break_alarms_nobody_until_it_is_confirmed(lead: World) -> None:
    await used_an_hour(lead)
    revision = await publish(lead, shorter("PT30M"), {"default": "carry"})
    await reached(lead, revision)
    await lead.after(minutes=20)
    assert await due_in(lead) == timedelta(hours=8)
    assert "breach_announced" not in await lead.decisions()
    held = await lead.house.front.shows(f"/v1/playbook/rollouts/{revision}/held", await lead.now())
    assert [promise["lead_id"] for promise in held["held"]] == [str(lead.lead_id)]

    settled = await lead.house.front.posts(f"/v1/playbook/rollouts/{revision}/confirm", None, await lead.now())
    await lead.ring()
    await lead.after(seconds=5)

    assert settled["leads"] == 1
    assert (await lead.decisions()).count("breach_announced") == 1
    assert await lead.told("ana") == ["assigned", "breach"]


async def test_going_back_moves_the_promise_back(lead: World) -> None:
    await used_an_hour(lead)
    revision = await publish(lead, shorter("PT4H"), {"default": "carry"})
    await reached(lead, revision)
    body = {"comment": "too quick"}
    await lead.house.front.posts(f"/v1/playbook/revisions/{revision - 1}/rollback", body, await lead.now())
    await lead.after(seconds=10)
    await reached(lead, revision + 1)

    assert await due_in(lead) == timedelta(hours=8)


async def reached(lead: World, revision: int) -> None:
    """The rollout reaches the lead at its own clock."""
    now = await lead.now()
    shelves = Shelves(lead.engine)
    reach = RolloutReach(lead.engine, StepStore(lead.engine, shelves), shelves, leads_a_second=1000)
    await reach.go_on(revision, lambda: now, seconds=10)
