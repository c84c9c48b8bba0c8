"""Senders and machines whose clocks are wrong: behind, ahead, going backwards. No tick ever falls."""

from datetime import timedelta
from typing import Any

import pytest

from leads.state import load_state
from storage.tables import lead_states
from tests.faults.audit import audit
from tests.journeys.front import Refused
from tests.journeys.world import World, captured_with_a_raised_hand

MINUTE = timedelta(minutes=1)


async def stepped_at(lead: World) -> Any:
    [row] = await lead._rows(lead_states)
    return row.tick


async def test_events_each_earlier_than_the_last_end_as_in_the_right_order(lead: World, database_url: str) -> None:
    backwards: list[tuple[str, dict[str, Any]]] = [
        ("lead.replied", {"channel": "email"}),
        ("lead.touched", {"channel": "call", "by": "ana", "connected": True}),
        ("lead.touched", {"channel": "email", "by": "ana"}),
        ("lead.hand_raised", {"kind": "demo"}),
        ("lead.engaged", {"kind": "page_viewed"}),
        ("lead.captured", {"source": "website"}),
        ("lead.engaged", {"kind": "page_viewed"}),  # before the capture
    ]
    ticks = []
    for ago, (type_, data) in enumerate(backwards):
        await lead.hears(type_, ago=ago * MINUTE, **data)
        ticks.append(await stepped_at(lead))

    assert ticks == sorted(ticks)
    assert (await lead.stands())[:2] == ("working", "ana")
    assert await lead.outcomes("speed_to_lead") == ["met"]
    assert (await lead.running()).keys() == {"reply", "next_step", "stage"}
    assert (await audit(database_url)).differences == []


async def test_events_of_one_instant_are_all_told(lead: World, database_url: str) -> None:
    now = await lead.now()
    kinds = ["lead.hand_raised", "lead.captured", "lead.touched"]
    data: dict[str, dict[str, Any]] = {
        "lead.hand_raised": {"kind": "demo"},
        "lead.captured": {"source": "chat"},
        "lead.touched": {"channel": "call", "by": "ben"},
    }
    for kind in kinds:
        await lead.gets((await lead.event(kind, **data[kind])) | {"time": now.isoformat()})

    assert await lead.outcomes("speed_to_lead") == ["met"]
    assert (await audit(database_url)).differences == []


async def test_a_sender_whose_clock_is_minutes_ahead_is_heard_up_to_the_bound(lead: World, database_url: str) -> None:
    await captured_with_a_raised_hand(lead)
    before = await stepped_at(lead)

    await lead.hears("lead.touched", channel="call", by="ana", ago=timedelta(seconds=-295))

    tick = await stepped_at(lead)
    touched_at = (await lead.hand_offs())[0]["touched_at"]
    assert before < tick
    assert tick.isoformat() >= touched_at.replace("Z", "+00:00")  # nobody decides before what they know of
    await lead.hears("lead.touched", channel="email", by="ana")  # in time, and earlier than what is known
    assert await stepped_at(lead) > tick

    ahead = await lead.event("lead.replied", channel="email", ago=timedelta(seconds=-310))
    with pytest.raises(Refused) as refused:
        await lead.gets(ahead)
    [problem] = refused.value.problem["events"]
    assert (refused.value.status, problem["code"]) == (400, "time_in_future")
    assert (await audit(database_url, now=await lead.now())).differences == []


async def test_a_workers_clock_that_goes_back_moves_no_tick_back(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.after(hours=2)
    stepped, made = await stepped_at(lead), await lead.decisions()
    assert "breach_announced" in made

    earlier = stepped - timedelta(hours=1)
    await lead.doors.take_step(str(lead.lead_id), earlier, None)
    assert await stepped_at(lead) == stepped  # nothing new, nothing written

    # its mail is read by a worker whose clock is an hour behind
    lead.doors.are_shut = True
    await lead.accepts(await lead.event("lead.replied", channel="email"))
    await lead.house.doors._store.take_step(str(lead.lead_id), earlier, None)
    assert await stepped_at(lead) > stepped
    assert (await lead.decisions())[: len(made)] == made
    numbers = [(row.number, row.recorded_at) for row in await lead.journal_rows() if row.book == "own"]
    assert [at for _, at in sorted(numbers)] == sorted(at for _, at in numbers)
    assert load_state((await lead._rows(lead_states))[0].state).tick == await stepped_at(lead)
