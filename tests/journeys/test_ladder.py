"""The ladder as people meet it: in one thread, not in a flood, by whoever stands in, to somebody at work."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from tests.journeys.house import house_rules
from tests.journeys.world import World, captured_with_a_raised_hand, world
from tests.lead_test_env import LeadTestEnv
from tests.smtp_sink import SmtpSink

AN_HOUR_TO_LOOK_AFTER = {
    "name": "all",
    "team": "sales",
    "promises": {"assign": {"target": "PT15M"}, "first_touch": {"target": "PT8H"}},
    "ignored_after": {"target": "PT1H"},
}


@pytest_asyncio.fixture
async def hurried(temporal_env: LeadTestEnv, database_url: str, smtp_sink: SmtpSink) -> AsyncIterator[World]:
    """Whoever is not looked after within an hour is ignored; no ladder says anything before."""
    async with world(temporal_env, database_url, smtp_sink, house_rules(segments=[AN_HOUR_TO_LOOK_AFTER])) as made:
        yield made


async def touches(lead: World, *, minutes_ago: int) -> None:
    await lead.hears("lead.touched", channel="call", by="ana", ago=timedelta(minutes=minutes_ago))


async def given_to_ana(lead: World, name: str) -> None:
    await lead.gets(
        await lead.event("lead.captured", source="website", name=name),
        await lead.event("lead.hand_raised", kind="demo"),
        await lead.event("lead.assigned", owner="ana"),
    )


async def test_all_that_is_said_of_a_lead_stands_in_its_own_thread(lead: World) -> None:
    other = lead.another()
    await given_to_ana(lead, "Ada Lovelace")
    await given_to_ana(other, "Mary Somerville")
    await lead.after(minutes=16)
    assert await lead.told("ana") == ["assigned", "assigned", "warning", "breach"]

    threads: dict[str, set[str]] = {}
    for letter in await lead.letters("ana", 4):
        root = str(letter.message["References"]).split()[0]
        threads.setdefault(str(letter.message["X-Leadloop-Lead"]), set()).add(root)
    assert threads == {str(of.lead_id): {f"<{of.lead_id}.thread@leadloop.test>"} for of in (lead, other)}


async def test_more_than_a_few_notices_in_ten_minutes_become_one_digest(lead: World) -> None:
    names = ["Ada Lovelace", "Mary Somerville", "Caroline Herschel", "Emmy Noether", "Sophie Germain"]
    leads = [lead, *(lead.another() for _ in names[1:])]
    for one, name in zip(leads, names, strict=True):
        await given_to_ana(one, name)
        await one.letters("ana", min(leads.index(one) + 1, 3))

    await leads[-1].after(minutes=5)

    assert await lead.told("ana") == ["assigned", "assigned", "assigned", "digest"]
    digest = (await lead.letters("ana", 4))[-1]
    assert digest.message["Subject"] == "2 notices: 2 new leads"
    assert [name in digest.text for name in names] == [False, False, False, True, True]


async def test_who_stands_in_hears_what_comes_due_while_the_owner_is_away(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.letters("ana", 1)
    await lead.is_away("ana", days=2)

    await lead.after(minutes=8)

    assert await lead.told("ana") == ["assigned", "warning"]
    assert await lead.told("ben") == ["warning"]
    [letter] = await lead.letters("ben", 1)
    assert "Ana Example" in letter.text
    assert (await lead.lead()).owner == "ana"  # to hear is not to have


async def test_who_was_away_only_before_is_told_alone(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.letters("ana", 1)
    await lead.is_away("ana", minutes=5)

    await lead.after(minutes=8)

    assert await lead.told("ana") == ["assigned", "warning"]
    assert await lead.told("ben") == []


async def test_a_rung_moves_it_to_somebody_at_work(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.is_away("ben", days=1)

    await lead.after(minutes=26)

    assert (await lead.lead()).owner == "cleo"
    assert (await lead.rungs())["move"] == "fired"
    [hand_off] = await lead.hand_offs()
    assert hand_off["hops"] == 1
    assert await lead.told("cleo") == ["assigned"]
    assert await lead.outcomes("first_touch") == ["breached", None]
    assert (await lead.clock("first_touch", 0)).owner == "ana"  # the breach is hers


async def test_with_nobody_else_at_work_it_stays_and_the_manager_hears(lead: World) -> None:
    await captured_with_a_raised_hand(lead)
    await lead.is_away("ben", days=1)
    await lead.is_away("cleo", days=1)

    await lead.after(hours=1, minutes=16)

    assert (await lead.lead()).owner == "ana"
    assert await lead.rungs() == {
        "half": "fired", "due": "fired", "due_channel": "fired", "move": "nobody_left", "manager": "fired",
    }  # fmt: skip
    assert await lead.told("mira") == ["escalation"]


async def test_with_nobody_at_all_at_work_it_waits_and_the_first_to_come_back_gets_it(lead: World) -> None:
    for person in ("ana", "ben", "cleo"):
        await lead.is_away(person, minutes=20)
    await captured_with_a_raised_hand(lead)
    page = await lead.shown()
    assert (page["stage"], page["owner"], page["queue"]) == ("qualified", None, "sales")
    assert "unassigned" in await lead.told("mira")

    await lead.after(minutes=21)  # the first of them is back after 20

    assert (await lead.lead()).owner == "ana"
    assert (await lead.clock("assign")).announced_at is not None  # two minutes were promised


@pytest.mark.parametrize("in_time", [True, False])
async def test_ignored_is_for_good_in_the_books_unless_late_word_proves_it_false(
    hurried: World, *, in_time: bool
) -> None:
    lead = hurried
    await captured_with_a_raised_hand(lead)
    await lead.after(minutes=59)
    assert (await lead.lead()).ignored_at is None
    await lead.after(minutes=2)
    assert (await lead.hand_offs())[0]["is_ignored"] is True
    assert await lead.ignored_now() == {("sales", "all"): 1}
    assert await lead.told("mira") == ["ignored"]

    await lead.after(minutes=10)
    await touches(lead, minutes_ago=30 if in_time else 5)

    assert (await lead.hand_offs())[0]["is_ignored"] is not in_time
    assert await lead.ignored_now() == {("sales", "all"): 0}  # somebody looks after it now
    assert await lead.told("mira") == (["ignored", "ignored_retracted"] if in_time else ["ignored"])
