"""Every command: when it is granted, when refused and with which words, and what a granted one does."""

from datetime import datetime
from typing import Any

import pytest

from leads.commands import COMMANDS, Claim, Reject
from leads.entries import Entry, Kind
from leads.granted import refusal
from leads.lifecycle import Ask
from leads.stages import Stage
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

HELD_BY_ANA = [captured(at(0)), raised(at(0)), fact("lead.assigned", at(1), owner="ana")]
IN_QUEUE = [captured(at(0)), raised(at(0))]
TOUCHED_BY_BEN = [*HELD_BY_ANA, touched(at(2), by="ben")]
WORKED = [*HELD_BY_ANA, touched(at(2))]
NURTURED = [captured(at(0)), fact("lead.recycled", at(1), reason="no_need")]
LOST = [*WORKED, fact("lead.lost", at(3), reason="no_need")]
HARD = [captured(at(0)), fact("lead.disqualified", at(1), kind="hard")]
WON = [captured(at(0)), fact("lead.won", at(1))]
OPPORTUNITY = [*WORKED, fact("lead.opportunity_opened", at(3))]
NOW = at(10)

REASONS = (
    "bad_data, bad_timing, chose_other, competitor, customer, duplicate, no_budget, no_fit, no_need, other, "
    "unable_to_reach, wrong_territory"
)
NOT_THEIRS = "it is with ana: ask them or their manager, or have it reassigned first"
ROWS: list[tuple[list[Entry], str, str, dict[str, Any], str | None]] = [
    # life          command       actor   with                                       refused because
    (HELD_BY_ANA, "accept", "ana", {}, None),
    (HELD_BY_ANA, "accept", "ben", {}, "it is handed to ana; only they accept it"),
    (IN_QUEUE, "accept", "ana", {}, "it is nobody's: claim it"),
    (WORKED, "accept", "ana", {}, "it is accepted already"),  # the touch accepted it
    (NURTURED, "accept", "ana", {}, "a lead that is nurturing has no hand-off under way"),
    (OPPORTUNITY, "accept", "ana", {}, "it is accepted already"),
    (HELD_BY_ANA, "reject", "ana", {"reason": "no_fit"}, None),
    (HELD_BY_ANA, "reject", "ben", {"reason": "duplicate"}, NOT_THEIRS),
    (HELD_BY_ANA, "return", "ben", {"reason": "duplicate"}, NOT_THEIRS),
    (HELD_BY_ANA, "recycle", "ben", {"reason": "no_fit"}, NOT_THEIRS),
    (WORKED, "snooze", "ben", {"until": at(days=3)}, NOT_THEIRS),
    (WORKED, "callback", "ben", {"at": at(days=3)}, NOT_THEIRS),
    (IN_QUEUE, "reject", "ben", {"reason": "duplicate"}, None),  # nobody has it
    (HELD_BY_ANA, "return", "ana", {"reason": "duplicate"}, None),
    (HELD_BY_ANA, "recycle", "ana", {"reason": "no_fit"}, None),
    (WORKED, "callback", "ana", {"at": at(days=3)}, None),
    (HELD_BY_ANA, "feedback", "ana", {"quality": 2}, None),
    (
        HELD_BY_ANA, "waive", "ana", {"clock": "first_touch", "reason": "mood"},
        "nobody waives a promise of their own: ask your manager",
    ),
    (HELD_BY_ANA, "feedback", "ana", {}, "say what came of it: a quality, a reason, what was used, or words"),
    (WORKED, "touch", "ana", {"channel": "call", "next_step_at": at(5)}, "the next step must lie in the future"),
    (HELD_BY_ANA, "reject", "ana", {"reason": "mood"}, f"'mood' is not a reason of the playbook; use one of {REASONS}"),
    (LOST, "reject", "ana", {"reason": "no_fit"}, "a lead that is lost has no hand-off under way"),
    (HELD_BY_ANA, "reassign", "boss", {"owner": "ben"}, None),
    (HELD_BY_ANA, "reassign", "boss", {"owner": "ana"}, "it belongs to ana already"),
    (HELD_BY_ANA, "reassign", "boss", {}, "name an owner or a team"),
    (HELD_BY_ANA, "reassign", "boss", {"kind": "to_partner", "reason": "mood"}, "name an owner or a team"),
    (HELD_BY_ANA, "reassign", "boss", {"team": "sales"}, None),
    (HELD_BY_ANA, "reassign", "boss", {"owner": "dora", "team": "sales", "kind": "rep_to_closer"}, None),
    (
        HELD_BY_ANA, "reassign", "boss", {"owner": "dora", "team": "closers", "kind": "to_partner"},
        "'closers' takes leads over as rep_to_closer, not as to_partner: leave the kind out",
    ),
    (IN_QUEUE, "reassign", "boss", {"owner": "ben"}, None),
    (WON, "reassign", "boss", {"owner": "ben"}, "a lead that is won has no hand-off under way"),
    (IN_QUEUE, "claim", "ana", {}, None),
    (TOUCHED_BY_BEN, "claim", "ben", {}, None),
    (HELD_BY_ANA, "claim", "ana", {}, "it is yours already"),
    (HELD_BY_ANA, "claim", "ben", {}, "it belongs to ana; ask for a reassign"),
    (NURTURED, "claim", "ana", {}, "a lead that is nurturing has no hand-off under way"),
    (HELD_BY_ANA, "touch", "ana", {"channel": "call"}, None),
    (HELD_BY_ANA, "touch", "ana", {"channel": "call", "at": at(5)}, None),
    (WON, "touch", "ana", {"channel": "call"}, None),
    (HELD_BY_ANA, "touch", "ana", {"channel": "call", "at": at(11)}, "a touch cannot lie in the future"),
    (
        HELD_BY_ANA, "touch", "ana", {"channel": "call", "at": at(9, days=-1)},
        "a touch over a day old comes as an event with its evidence",
    ),
    (HELD_BY_ANA, "touch", "ana", {"channel": "call", "at": at(10, days=-1)}, None),
    (WORKED, "snooze", "ana", {"until": at(days=3)}, None),
    (WORKED, "snooze", "ana", {"until": at(10)}, "until must lie in the future"),
    (WORKED, "snooze", "ana", {"until": at(10, days=366)}, None),
    (WORKED, "snooze", "ana", {"until": at(11, days=366)}, "a snooze lasts 366 days at most; recycle the lead instead"),
    (
        HELD_BY_ANA, "snooze", "ana", {"until": at(days=3)},
        "no snooze before the first touch: reach out once, then snooze",
    ),
    (LOST, "snooze", "ana", {"until": at(days=3)}, "a lead that is lost has no hand-off under way"),
    (HELD_BY_ANA, "disqualify", "ana", {"reason": "no_fit"}, None),
    (NURTURED, "disqualify", "ana", {"reason": "no_fit", "kind": "hard"}, None),
    (WON, "disqualify", "ana", {"reason": "no_fit"}, "the lead is won"),
    (HARD, "disqualify", "ana", {"reason": "no_fit"}, "the lead is disqualified"),
    (LOST, "reopen", "ana", {}, None),
    (NURTURED, "reopen", "ana", {}, None),
    (HARD, "reopen", "ana", {"reason": "new budget"}, None),
    (HELD_BY_ANA, "reopen", "ana", {}, "a lead that is assigned is not closed; there is nothing to reopen"),
    (OPPORTUNITY, "reopen", "ana", {}, "a lead that is opportunity is not closed; there is nothing to reopen"),
    (WON, "reopen", "ana", {}, "a lead that is won cannot be reopened"),
]  # fmt: skip


def given(life: list[Entry], name: str, actor: str, data: dict[str, Any]) -> tuple[Story, str | None]:
    story = Story(people=())
    story.step(at(4), *life)
    return story, story.give(NOW, name, actor, **data).refusal


def test_the_manager_of_the_owner_speaks_for_the_owner() -> None:
    lead = Story().step(NOW, *HELD_BY_ANA).lead
    command = Reject(reason="duplicate")

    assert refusal(lead, command, "mira", NOW, shelf(), manages=frozenset({"ana"})) is None
    assert refusal(lead, command, "mira", NOW, shelf(), manages=frozenset({"ben"})) == NOT_THEIRS


@pytest.mark.parametrize(("life", "name", "actor", "data", "reason"), ROWS)
def test_a_command_is_granted_or_refused_with_what_to_do(
    life: list[Entry], name: str, actor: str, data: dict[str, Any], reason: str | None
) -> None:
    story, refused = given(life, name, actor, data)

    assert refused == reason
    granted = [entry for entry in story.journal if entry.kind is Kind.COMMAND]
    assert [entry.type for entry in granted] == ([] if reason else [name])
    assert story.lead.anomalies == 0
    assert story.refolded_with_tick() == story.lead


def test_every_command_has_granted_and_refused_rows() -> None:
    assert {(name, reason is None) for _, name, _, _, reason in ROWS} == {
        (name, is_granted)
        for name in COMMANDS
        for is_granted in (True, False)
        if (name, is_granted) != ("waive", True)  # test_waiving says who may
    }


@pytest.mark.parametrize(
    ("life", "name", "data", "stage", "owner"),
    [
        (HELD_BY_ANA, "accept", {}, Stage.ACCEPTED, "ana"),
        (HELD_BY_ANA, "reject", {"reason": "no_fit"}, Stage.DISQUALIFIED, "ana"),
        (HELD_BY_ANA, "reject", {"reason": "no_budget"}, Stage.NURTURING, "ana"),
        (HELD_BY_ANA, "reject", {"reason": "wrong_territory"}, Stage.QUALIFIED, None),
        (HELD_BY_ANA, "reassign", {"owner": "ben"}, Stage.ASSIGNED, "ben"),
        (HELD_BY_ANA, "reassign", {"team": "sales"}, Stage.QUALIFIED, None),
        (IN_QUEUE, "claim", {}, Stage.ASSIGNED, "ana"),
        (HELD_BY_ANA, "touch", {"channel": "email"}, Stage.WORKING, "ana"),
        (WORKED, "snooze", {"until": at(days=3)}, Stage.WORKING, "ana"),
        (HELD_BY_ANA, "disqualify", {"reason": "no_fit"}, Stage.DISQUALIFIED, "ana"),
        (LOST, "reopen", {}, Stage.QUALIFIED, None),
    ],
)
def test_what_a_granted_command_does(
    life: list[Entry], name: str, data: dict[str, Any], stage: Stage, owner: str | None
) -> None:
    story, _ = given(life, name, "ana", data)

    assert (story.lead.stage, story.lead.owner) == (stage, owner)


def test_a_claim_tells_the_claimer_nothing_he_does_not_know() -> None:
    story, _ = given(IN_QUEUE, "claim", "ana", {})

    assert [template for template, to in story.notices() if "owner:ana" in to] == []


def test_a_touch_by_command_is_a_self_report_written_down_now() -> None:
    """First touch due at 16. Reported at 20 for 10: believed. Reported at 71: over the hour, met late."""

    def outcome(now: datetime) -> str | None:
        story = Story(people=())
        story.step(at(4), *HELD_BY_ANA)
        story.give(now, "touch", "ana", channel="call", at=at(10))
        return next(clock.outcome for clock in story.lead.clocks.values() if clock.clock == "first_touch")

    assert (outcome(at(20)), outcome(at(71))) == ("met", "met_late")


def test_a_note_stays_with_the_command_and_never_enters_the_journal() -> None:
    story, _ = given(HELD_BY_ANA, "reject", "ana", {"reason": "no_fit", "note": "Ms Rossi was rude"})

    assert "Rossi" not in story.journal[-1].data.model_dump_json()
    assert all("Rossi" not in str(happening) for happening in story.timeline.values())


def test_a_snooze_before_the_first_touch_is_granted_where_the_playbook_allows_it() -> None:
    story = Story(shelf(playbook(snooze_before_touch=True)), people=())
    story.step(at(4), *HELD_BY_ANA)

    assert story.give(NOW, "snooze", "ana", until=at(days=3)).refusal is None


def test_a_refused_command_leaves_no_trace() -> None:
    story = Story(people=())
    story.step(at(4), *HELD_BY_ANA)
    before, tick = story.refolded(), story.lead.tick

    turn = story.give(at(5), "claim", "ben")

    assert (turn.entries, turn.happenings, story.lead.tick) == ([], [], tick)
    assert story.refolded() == before


def test_a_command_is_weighed_after_the_mail_that_came_before_it() -> None:
    story = Story(people=())
    story.step(at(4), *HELD_BY_ANA)

    turn = story.step(at(5), touched(at(4.5), by="ben"), ask=Ask("c1", Claim(), "ben"))

    assert (turn.refusal, story.lead.owner) == (None, "ben")
