"""What is said of notices, promises and owners holds, however the story went."""

from datetime import UTC

import pytest

from leads.entries import Entry
from leads.explain import Explanation, explain
from leads.telling.decisions import told
from leads.telling.entries import clause
from leads.telling.words import Delivery, Names, Words
from tests.builders import Story, at, captured, fact, raised, touched

NAMES = Names({"ana": "Ana Huber", "ben": "Ben Roth"}, {"sales": "Sales"})
WORDS = Words(UTC, at(60), NAMES)


def explained(story: Story, minute: int) -> Explanation:
    return explain(story.lead, story.journal, story.shelf, at(minute), names=NAMES)


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (None, "Ana Huber is to be reminded"),
        (Delivery("pending", "mail_timeout"), "Ana Huber is to be reminded"),
        (Delivery("claimed"), "Ana Huber is to be reminded"),
        (Delivery("done"), "Ana Huber was reminded"),
        (Delivery("withdrawn"), "Ana Huber was to be reminded, but it had become pointless"),
        (Delivery("parked", "unknown_person"), "Ana Huber could not be reminded (no such person)"),
        (Delivery("parked", "odd_thing"), "Ana Huber could not be reminded (“odd thing”)"),
        (
            Delivery("parked", "no_manager", is_partly_told=True),
            "Ana Huber could not all be reminded (no manager is known)",
        ),
    ],
)
def test_a_notice_is_told_as_far_as_it_got(delivery: Delivery | None, said: str) -> None:
    assert told("warning", ("owner:ana",), WORDS, delivery) == said


def test_managers_are_many_and_a_team_is_one() -> None:
    sent = Delivery("done")
    assert told("ignored", ("team_manager:sales",), WORDS, sent).startswith("the managers of Sales were told")
    assert told("ignored", ("team:sales",), WORDS, sent).startswith("everyone in Sales was told")


def test_an_overdue_promise_counts_as_missed_while_it_runs() -> None:
    story = Story()
    story.absent = {"ben"}
    story.step(at(10), captured(at(10)), raised(at(10)))
    story.sleep_until(at(27))
    # kept: finding an owner; overdue since 09:25: the answer and the first touch
    assert explained(story, 27).summary.endswith("1 promise kept, 2 missed so far.")


def test_after_a_move_the_stage_names_who_has_the_lead_now() -> None:
    story = Story()
    story.absent = {"ben"}
    story.step(at(10), captured(at(10)), raised(at(10)))
    story.sleep_until(at(40))
    assert (
        "Then, on Mon 1 Jun 09:35, Leadloop moved it on from Ana Huber to cleo" in explained(story, 40).stage.sentence
    )


def test_a_touch_before_the_hand_off_is_no_silence() -> None:
    story = Story()
    story.absent = {"ben", "cleo"}
    story.step(at(10), captured(at(5)), touched(at(7)), raised(at(10)))
    assert explained(story, 12).summary.startswith(
        "Ana Huber has this lead and reached out on Mon 1 Jun 09:07, but not since it was handed over."
    )


def test_a_lead_won_without_an_owner_names_who_won_it() -> None:
    story = Story()
    won = fact("lead.won", at(14), by="ben")
    story.step(at(15), captured(at(10)), raised(at(10)), touched(at(12), by="ben"), won)
    assert explained(story, 16).owner.sentence == (
        "It was never given to anyone in sales, but Ben Roth reached out on Mon 1 Jun 09:12 "
        "and Ben Roth won it on Mon 1 Jun 09:14."
    )


def test_a_reason_the_playbook_does_not_know_says_what_it_counts_as() -> None:
    story = Story()
    words = Words(UTC, at(60), NAMES, reasons=story.shelf.in_force(at(0)).playbook.reasons)
    rejected: Entry = fact("lead.rejected", at(20), by="ben", reason="bad_mood")
    assert "counts as “other”, so " in clause(rejected, words)
    assert "counts as" not in clause(rejected, WORDS)


def test_a_quotation_at_the_end_keeps_its_own_full_stop() -> None:
    story = Story()
    story.step(at(10), captured(at(10)), raised(at(10), words="Show me, please."))
    said = explained(story, 12)
    assert all(".”." not in text for text in (*(p.started for p in said.promises), said.hand_offs[0].sentence))
