"""What a notice can say, read from the lead's state, its journal and the playbook."""

from datetime import UTC
from uuid import UUID, uuid4

import pytest

from leads.brief import Brief, Coming
from storage.briefs import UnknownActionError, read_brief
from storage.pipeline import pipelined
from storage.playbooks import load_shelf
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched
from tests.desk import LEAD, NOON, PERSONAL, WORDS, Desk, notice


def told_story() -> Story:
    """Captured and raised on Monday 9:00; first touch due 9:15 in the default playbook."""
    story = Story()
    story.step(at(), captured(at(), campaign="spring", **PERSONAL), raised(at(), words=WORDS))
    return story


async def briefed(desk: Desk, action_id: UUID, minutes: float) -> Brief:
    async with desk.engine.connect() as connection:
        shelf_now = await load_shelf(connection)
    async with pipelined(desk.engine) as pipeline:
        return await read_brief(pipeline, shelf_now, action_id, at(minutes))


async def test_a_notice_about_a_promise_knows_the_lead_and_what_comes_next(desk: Desk) -> None:
    story = told_story()
    story.sleep_until(at(8))  # the rung at half of 15 minutes
    await desk.keep(story)
    action_id = await desk.issue(next(e for e in story.decided("notice_issued") if e.data.template == "warning"))  # type: ignore[attr-defined]  # by type

    brief = await briefed(desk, action_id, 8)

    assert (brief.lead_id, brief.template, brief.timezone) == (LEAD, "warning", "UTC")
    assert (brief.prospect.name, brief.prospect.company, brief.prospect.words) == ("Jane Doe", "Acme GmbH", WORDS)
    assert (brief.prospect.campaign, brief.prospect.raised_hand) == ("spring", "demo")
    assert brief.promise is not None
    assert (brief.promise.clock, brief.promise.due_at) == ("first_touch", at(15))
    assert [hearer.key for hearer in brief.hearers] == ["ana"]
    assert (brief.owner_name, brief.owner_now_name) == ("Ana Example", "Ana Example")
    # due 9:15: the channel then, somebody else 10 minutes later, the manager after an hour; each 2 minutes of
    # evidence lag later
    assert brief.coming == (
        Coming(at(17), ("channel",)), Coming(at(27), ("reassign",)), Coming(at(77), ("manager",)),
    )  # fmt: skip


async def test_a_notice_about_a_hand_off_speaks_of_the_promise_due_first(desk: Desk) -> None:
    story = told_story()
    await desk.keep(story)
    action_id = await desk.issue(next(e for e in story.decided("notice_issued") if e.data.template == "assigned"))  # type: ignore[attr-defined]  # by type

    brief = await briefed(desk, action_id, 1)

    assert brief.promise is not None
    assert brief.promise.due_at == at(15)
    assert brief.team_name == "Sales"


async def test_a_retraction_knows_what_it_corrects_and_what_proves_it(desk: Desk) -> None:
    story = told_story()
    story.sleep_until(at(16))
    story.step(at(20), touched(at(10), recorded_at=at(20)))
    await desk.keep(story)
    notices = story.decided("notice_issued")
    breaches = [await desk.issue(e) for e in notices if e.data.template == "breach"]  # type: ignore[attr-defined]  # by type
    for breach in breaches:  # one to the owner, one to the channel
        await desk.set_row(breach, payload=(await desk.row(breach)).payload | {"told": ["somebody"]})

    brief = await briefed(desk, await desk.issue(notices[-1]), 20)

    assert {corrected.action_id for corrected in brief.corrected} == set(breaches)
    assert {(corrected.issued_at, corrected.told) for corrected in brief.corrected} == {(at(15), ("somebody",))}
    assert brief.promise is not None
    assert (brief.promise.outcome, brief.promise.ended_at) == ("met", at(10))
    assert brief.proof is not None
    assert (brief.proof.by, brief.proof.channel, brief.proof.heard_at) == ("Ana Example", "call", at(20))
    assert brief.coming == ()


async def test_a_lead_without_a_state_can_still_be_spoken_of(desk: Desk) -> None:
    brief = await briefed(desk, await desk.issue(notice("overtaken")), 0)

    assert (brief.promise, brief.prospect.name, brief.owner_now) == (None, None, None)
    assert brief.issued_at == NOON.astimezone(UTC)


async def test_an_erased_action_is_unknown(desk: Desk) -> None:
    with pytest.raises(UnknownActionError):
        await briefed(desk, uuid4(), 0)


async def test_a_question_what_came_of_a_lead_speaks_of_its_own_promise(desk: Desk) -> None:
    story = Story(shelf(playbook(feedback={"share_of_wins": 1.0})))
    story.step(at(), captured(at(), **PERSONAL), raised(at()))
    story.step(at(5), touched(at(5)))
    story.step(at(9), fact("lead.won", at(9)))
    await desk.keep(story)
    [asked] = [e for e in story.decided("notice_issued") if e.data.template == "feedback_asked"]  # type: ignore[attr-defined]  # by type

    brief = await briefed(desk, await desk.issue(asked), 10)

    assert brief.promise is not None
    assert brief.promise.clock == "feedback"
    assert [hearer.key for hearer in brief.hearers] == ["ana"]
    assert (brief.owner, brief.owner_now) == ("ana", "ana")


async def test_the_owner_now_is_the_hand_off_s_whoever_owed_the_promise_at_its_start(desk: Desk) -> None:
    story = told_story()
    story.sleep_until(at(28))  # the ladder gives the lead to Ben
    await desk.keep(story)
    brief = await briefed(desk, await desk.issue(notice("breach", about=clock_of(story, "speed_to_lead"))), 28)

    assert (story.lead.clocks[clock_of(story, "speed_to_lead")].owner, brief.owner_now) == ("ana", "ben")


def clock_of(story: Story, name: str) -> str:
    return next(key for key, clock in story.lead.clocks.items() if clock.clock == name)
