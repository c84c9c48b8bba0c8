"""What people read of each promise: while it runs, and however it ends."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from leads.entries import Entry
from leads.promises import ClockName
from leads.state import Outcome
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched
from tests.leads.test_explain import told

Play = Callable[[Story], Any]
QUICKLY = [captured(at(0)), raised(at(0))]
CALL = touched(at(5))
TALK = touched(at(5), connected=True)
MEETING = fact("lead.meeting_booked", at(10), by="ana", at=at(days=1).isoformat(), meeting="m1")


def story(*entries: Entry) -> Story:
    made = Story(shelf(playbook(feedback={"on_return": True, "share_of_wins": 1, "most_a_day": 1})))
    made.step(at(0), *QUICKLY)
    for entry in entries:
        made.step(entry.effective_at, entry)
    return made


def of(made: Story, clock: str, now: datetime) -> Any:
    return next(promise for promise in told(made, now).promises if promise.clock == clock)


RUNNING = [
    (
        [CALL], "effort", "Agreed effort to reach the buyer is due on Mon 15 Jun 09:05 (in 14 days).",
        ("Kept by reaching the buyer, or by 8 attempts on 2 channels, each within 27 hours of working time of the one "
        "before; after a longer silence they count anew. 1 of 8 attempts so far, on 1 of 2 channels (call)."),
    ),
    (
        [TALK], "next_step", "Next step by Ana Huber is due on Tue 2 Jun 09:05 (in 23 hours 45 minutes).",
        "Kept by a real touch by anyone in sales, or when the lead moves on to another stage.",
    ),
    (
        [TALK, fact("lead.replied", at(10), channel="email")], "reply",
        "Answer to the buyer is due on Mon 1 Jun 13:10 (in 3 hours 50 minutes).",
        "Kept by a real touch by anyone in sales.",
    ),
    (
        [TALK, raised(at(15), "pricing")], "reply",
        "Answer to the buyer who asked again is due on Mon 1 Jun 13:15 (in 3 hours 55 minutes).",
        "Kept by a real touch by anyone in sales.",
    ),
    (
        [MEETING], "meeting_outcome",
        "Word of how the meeting went is due on Tue 2 Jun 14:00 (in 28 hours 40 minutes).",
        "Kept when somebody tells that the meeting was held, missed or called off.",
    ),
    (
        [CALL], "stage", "Moving on from “in work” is due on Wed 1 Jul 09:05 (in 30 days).",
        "Kept when the lead moves on to another stage.",
    ),
    (
        [TALK, fact("lead.won", at(10), by="ana")], "feedback",
        "Feedback to marketing is due on Wed 3 Jun 09:10 (in 47 hours 50 minutes).",
        "Kept when Ana Huber tells marketing what came of it.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "clock", "sentence", "kept_by"), RUNNING)
def test_a_promise_that_runs_says_when_it_is_due_and_what_would_keep_it(
    entries: list[Entry], clock: str, sentence: str, kept_by: str
) -> None:
    promise = of(story(*entries), clock, at(20))

    assert (promise.sentence, promise.kept_by) == (sentence, kept_by)


SIX = [touched(at(hours=h), channel=c) for h, c in ((1, "email"), (2, "call"), (3, "call"), (4, "call"), (5, "call"))]
ENDED: list[tuple[list[Entry], Play, str, Outcome, str]] = [
    (
        [CALL, *SIX, touched(at(hours=6)), touched(at(hours=7))], lambda _: None, "effort", Outcome.MET,
        ("was kept: Ana Huber called on Mon 1 Jun 16:00, which made it 8 of 8 attempts, on 2 of 2 channels (call, "
        "email), 14 days before it was due."),
    ),
    (
        [CALL, fact("lead.rejected", at(30), reason="unable_to_reach", by="ana")], lambda _: None,
        "effort", Outcome.DODGED,
        ("was missed: on Mon 1 Jun 09:30 Ana Huber rejected it (“unable to reach”), after 1 of 8 attempts, on 1 of 2 "
        "channels (call); given up so early it counts as a miss."),
    ),
    (
        [CALL, touched(at(30), "ben", connected=True)], lambda _: None, "effort", Outcome.MET,
        ("was kept: Ben Roth spoke with the buyer by phone on Mon 1 Jun 09:30, 14 days before it was due, though it "
        "was up to Ana Huber."),
    ),
    (
        [fact("lead.meeting_booked", at(4), self_booked=True, at=at(hours=5).isoformat())], lambda _: None,
        "speed_to_lead", Outcome.MET,
        "was kept: the buyer picked a slot for Mon 1 Jun 14:00 on Mon 1 Jun 09:04, 11 minutes before it was due.",
    ),
    (
        [MEETING, fact("lead.meeting_held", at(days=1, hours=1), by="ana", at=at(days=1).isoformat(), meeting="m1")],
        lambda _: None, "meeting_outcome", Outcome.MET,
        "was kept on Tue 2 Jun 10:00, 4 hours before it was due: the meeting on Tue 2 Jun 09:00 took place.",
    ),
    (
        [TALK, MEETING, fact("lead.meeting_cancelled", at(60), at=at(days=1).isoformat(), meeting="m1")],
        lambda _: None, "meeting_outcome", Outcome.CANCELLED,
        ("no longer applies since Mon 1 Jun 10:00, when the meeting on Tue 2 Jun 09:00 was called off; there is no "
        "outcome to tell of, and it counts neither way."),
    ),
    (
        [], lambda s: s.give(at(3), "waive", "mira", clock="first_touch", reason="on_leave"),
        "first_touch", Outcome.WAIVED,
        "was waived on Mon 1 Jun 09:03, when mira waived the first touch (“on leave”); it counts neither way.",
    ),
    (
        [], lambda s: s.give(at(3), "disqualify", kind="not_a_lead", reason="duplicate"),
        "first_touch", Outcome.CANCELLED,
        ("no longer applies since Mon 1 Jun 09:03, when Ana Huber found that it is no lead at all (“duplicate”); what "
        "never was a lead counts in no number."),
    ),
    (
        [TALK], lambda s: s.give(at(60), "callback", at=at(days=7).isoformat()), "next_step", Outcome.CANCELLED,
        ("ended on Mon 1 Jun 10:00, before it was due, when Ana Huber agreed with the buyer to call back on Mon 8 Jun "
        "09:00; the date agreed takes its place."),
    ),
    (
        [CALL], lambda s: s.give(at(60), "reassign", owner="carl", team="closers"), "effort", Outcome.CANCELLED,
        ("ended on Mon 1 Jun 10:00, before it was due, when Ana Huber gave it to carl; the hand-off that followed has "
        "promises of its own."),
    ),
    (
        [TALK, fact("lead.won", at(10), by="ana")], lambda s: s.give(at(60), "feedback", quality=4),
        "feedback", Outcome.MET,
        ("was kept on Mon 1 Jun 10:00, 47 hours 10 minutes before it was due: Ana Huber told marketing what came of "
        "it, quality 4 of 5."),
    ),
    (
        [TALK, fact("lead.replied", at(10), channel="email"), touched(at(hours=6))], lambda _: None,
        "reply", Outcome.BREACHED,
        "was broken: due on Mon 1 Jun 13:10, but Ana Huber called only on Mon 1 Jun 15:00, 1 hour 50 minutes late.",
    ),
    (
        [], lambda s: s.step(at(5), fact("lead.opportunity_opened", at(5), by="ana")),
        "first_touch", Outcome.CANCELLED,
        ("no longer applies since Mon 1 Jun 09:05, when it became an opportunity; the steps up to there were skipped, "
        "and it counts neither way."),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "play", "clock", "outcome", "said"), ENDED)
def test_a_promise_that_ended_says_how_and_why(
    entries: list[Entry], play: Play, clock: str, outcome: Outcome, said: str
) -> None:
    made = story(*entries)
    play(made)
    promise = next(p for p in told(made, at(days=2)).promises if p.clock == clock and p.ended_at is not None)

    assert (promise.state, promise.sentence) == (outcome, f"{promise.title} {said}")


def test_each_promise_of_the_table_is_told() -> None:
    spoken = {row[1] for row in RUNNING} | {row[2] for row in ENDED}

    assert spoken | {"assign", "accept"} == set(ClockName)  # these two are told in test_explain
