"""Passing the baton on inside sales: a hand-off of its own, with its own promises; who sourced it stays."""

from datetime import datetime

import pytest

from leads.entries import Entry
from leads.events import HandOffKind
from leads.stages import Stage
from leads.state import Clock
from tests.builders import Story, at, captured, fact, raised, touched

WORKED = [captured(at(0)), raised(at(0)), touched(at(5), connected=True)]
TO_CARL = fact("lead.assigned", at(10), owner="carl", team="closers", by="ana")


def told(*entries: Entry) -> Story:
    story = Story(people=("ana", "ben"))
    story.step(at(0), *entries[:2])
    for entry in entries[2:]:
        story.step(entry.effective_at, entry)
    return story


def last(story: Story, name: str) -> Clock:
    return [clock for clock in story.lead.clocks.values() if clock.clock == name][-1]


def test_a_rep_passes_a_worked_lead_on_to_a_closer() -> None:
    story = told(*WORKED, TO_CARL)

    rep, closer = story.lead.hand_offs
    assert (rep.kind, rep.owner, rep.result, rep.ended_at) == ("marketing_to_rep", "ana", "passed_on", at(10))
    assert (closer.kind, closer.giver, closer.owner, closer.team) == ("rep_to_closer", "ana", "carl", "closers")
    assert closer.sourced_by == rep.id
    assert story.lead.stage is Stage.WORKING  # passed on is not put back
    assert (last(story, "accept").due_at, last(story, "first_touch").due_at) == (at(10, hours=8), at(10, days=1))
    assert story.notices()[-1] == ("assigned", ("owner:carl",))
    assert story.turn is not None
    assert story.turn.phase == "follow_up"


WAYS: list[tuple[list[Entry], str, str, str | None]] = [
    # what carl does                                                    accept       first_touch   the hand-off's result
    ([fact("lead.accepted", at(20), by="carl")], "met", "None", None),
    ([touched(at(20), by="carl")], "met", "met", None),
    ([fact("lead.opportunity_opened", at(20), by="carl")], "cancelled", "cancelled", None),
    ([fact("lead.returned", at(20), reason="no_budget", by="carl")], "dodged", "dodged", "returned"),
    ([fact("lead.returned", at(20), reason="bad_data", by="carl")], "met", "cancelled", "returned"),
    ([fact("lead.rejected", at(20), reason="competitor", by="carl")], "met", "cancelled", "rejected"),
    ([touched(at(20), by="carl"), fact("lead.won", at(30))], "met", "met", "won"),
]


@pytest.mark.parametrize(("did", "accept", "first_touch", "result"), WAYS)
def test_the_closer_has_promises_of_his_own(
    did: list[Entry], accept: str, first_touch: str, result: str | None
) -> None:
    story = told(*WORKED, TO_CARL, *did)

    of_carl = next(h for h in story.lead.hand_offs if h.owner == "carl")
    clocks = {str(c.clock): str(c.outcome) for c in story.lead.clocks.values() if c.hand_off == of_carl.id}
    assert (clocks["accept"], clocks["first_touch"], of_carl.result) == (accept, first_touch, result)


def test_what_the_closer_gives_back_goes_to_the_rep_who_promises_a_touch_again() -> None:
    story = told(*WORKED, TO_CARL, fact("lead.returned", at(60), reason="no_budget", by="carl"))

    back = story.lead.hand_offs[-1]
    assert (back.kind, back.giver, back.owner, back.team) == ("returned", "carl", "ana", "sales")
    assert (story.lead.stage, last(story, "first_touch").owner) == (Stage.WORKING, "ana")


def test_given_back_it_has_a_business_day_though_the_buyer_had_been_in_a_hurry_once() -> None:
    story = told(*WORKED, TO_CARL)
    story.give(at(30), "return", "carl", reason="no_budget")

    assert last(story, "first_touch").due_at == at(30, days=1)  # nine hours of working time, not fifteen minutes


def test_by_command_the_same() -> None:
    story = told(*WORKED)

    assert story.give(at(10), "reassign", "ana", owner="carl", team="closers").refusal is None
    assert story.give(at(20), "accept", "carl").refusal is None
    assert story.give(at(30), "return", "carl", reason="no_fit").refusal is None

    assert [(h.kind, h.owner, h.result) for h in story.lead.hand_offs] == [
        ("marketing_to_rep", "ana", "passed_on"), ("rep_to_closer", "carl", "returned"), ("returned", "ana", None),
    ]  # fmt: skip


def test_given_to_the_team_the_next_in_turn_gets_it() -> None:
    story = told(*WORKED)

    story.give(at(10), "reassign", "ana", team="closers")

    assert (story.lead.hand_offs[-1].kind, story.lead.hand_offs[-1].owner) == ("rep_to_closer", "ben")


def test_the_kind_can_be_said_where_the_team_does_not() -> None:
    story = told(*WORKED, fact("lead.assigned", at(10), owner="pat", kind="to_partner"))

    assert (story.lead.hand_offs[-1].kind, story.lead.hand_offs[-1].team) == (HandOffKind.TO_PARTNER, "partners")


def test_an_opportunity_of_the_closer_credits_the_hand_off_from_marketing() -> None:
    story = told(*WORKED, TO_CARL, fact("lead.opportunity_opened", at(60), by="carl"), fact("lead.won", at(99)))

    assert [h.opportunity_at for h in story.lead.hand_offs] == [at(60), at(60)]
    assert [h.result for h in story.lead.hand_offs] == ["passed_on", "won"]


def test_another_closer_of_the_same_team_is_a_swap_and_no_new_hand_off() -> None:
    story = told(*WORKED, TO_CARL, fact("lead.assigned", at(20), owner="cora", team="closers"))

    assert len(story.lead.hand_offs) == 2
    assert last(story, "accept").owner == "cora"


def test_what_the_buyer_is_owed_goes_on_with_the_baton() -> None:
    story = told(*WORKED, fact("lead.replied", at(8), channel="email"), TO_CARL)

    reply = last(story, "reply")
    assert (reply.owner, reply.due_at, reply.is_running) == ("carl", at(8, hours=4), True)


def test_untouched_by_the_closer_it_is_ignored_by_its_own_horizon() -> None:
    story = told(*WORKED, TO_CARL)
    story.sleep_until(at(days=4))

    assert [e.data.hand_off for e in story.decided("ignored_announced")] == [story.lead.hand_offs[1].id]  # type: ignore[attr-defined]  # by type


@pytest.mark.parametrize("when", [at(5), at(20)])
def test_a_late_word_of_the_passing_ends_the_same(when: datetime) -> None:
    story = told(*WORKED, touched(at(30), by="carl"))

    story.step(at(40), fact("lead.assigned", when, owner="carl", team="closers"))

    assert story.refolded_with_tick() == story.lead
    assert [h.kind for h in story.lead.hand_offs] == ["marketing_to_rep", "rep_to_closer"]
