"""Each notice as a person reads it: subject, first sentences, what to do, and the thread it stands in."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from activities.letters import TEMPLATES, Letters, PromiseGoneError, UnknownTemplateError
from leads.brief import Coming, Hearer, PromiseBrief, Prospect
from tests.activities.letter_samples import (
    ACTION,
    ANA,
    BREACH,
    CHANNEL,
    CORRECTED,
    DUE_SOON,
    KEPT,
    MIRA,
    OVERDUE,
    PROOF,
    brief,
    letter,
    minutes,
)  # fmt: skip
from tests.desk import LEAD, NOON

ASSIGN = PromiseBrief(clock="assign", due_at=NOON + minutes(1))
REPLY, FEEDBACK = replace(DUE_SOON, clock="reply"), replace(DUE_SOON, clock="feedback")
IGNORED = replace(CORRECTED, template="ignored")
DIGEST = UUID("02900000-0000-7000-8000-0000000000d1")
MOVED: dict[str, Any] = {"owner_now": "ben", "owner_now_name": "Ben Example"}
NOBODY: dict[str, Any] = {"owner_now": None, "owner_now_name": None}
RETRACTED: dict[str, Any] = {"promise": KEPT, "corrected": (CORRECTED,), "proof": PROOF, "coming": ()}

# 12:00 UTC is 14:00 in Berlin: due 14:07, or since 13:57
TOLD: list[tuple[str, Hearer, dict[str, Any], str, list[str]]] = [
    ("warning", ANA, {}, "First touch due 14:07 CEST: Jane Doe (Acme GmbH)", [
        "First touch for Jane Doe (Acme GmbH) is due in 7 minutes: Mon 1 Jun, 14:07 CEST.",
        "So far nobody in sales has reached out.",
        "Reach out in person: a call, an e-mail, a message or a meeting.",
        "Mon 1 Jun, 14:17 CEST (in 17 minutes): the lead goes to someone else",
        "Mon 1 Jun, 15:07 CEST (in 67 minutes): your manager is told",
        "You get this because this is your lead.",
    ]),
    ("warning", CHANNEL, {}, "First touch due 14:07 CEST: Jane Doe (Acme GmbH)", [
        "Hello Sales,", "The lead belongs to Ana Example.", "the manager of Ana Example is told",
        "You get this because this is the channel of Sales.",
    ]),
    ("breach", ANA, {"promise": OVERDUE}, "First touch overdue since 13:57 CEST: Jane Doe (Acme GmbH)", [
        "was due 3 minutes ago, at Mon 1 Jun, 13:57 CEST, and nobody in sales has reached out.",
        "Done in time? Log it with the time it was made: this alarm is then taken back.",
    ]),
    ("escalation", MIRA, {"promise": OVERDUE}, "Still no first touch, overdue since 13:57 CEST: Jane Doe (Acme GmbH)", [
        "Jane Doe (Acme GmbH) is still waiting: first touch was due 3 minutes ago",
        "The lead belongs to Ana Example.",
        "Ask Ana Example what stands in the way, or give the lead to someone who can reach out now.",
        "You get this because you manage Ana Example.",
    ]),
    ("escalation", ANA, {"promise": OVERDUE, **MOVED},
     "Still no first touch, overdue since 13:57 CEST: Jane Doe (Acme GmbH)", [
        "The lead has moved on from you to Ben Example.", "Tell Ben Example what you know about the lead.",
        "You get this because this concerns a lead you were given.",
    ]),
    ("retraction", MIRA, RETRACTED, "Re: First touch overdue since 13:57 CEST: Jane Doe (Acme GmbH)", [
        "The alarm of Mon 1 Jun, 13:57 CEST about Jane Doe (Acme GmbH) was wrong: first touch was not overdue.",
        "Ana Example called at Mon 1 Jun, 13:55 CEST; word of it came only at Mon 1 Jun, 14:00 CEST.",
        "was made in time: the promise was kept, and it counts as kept for\nAna Example in every report.",
        "There is nothing you have to do.",
    ]),
    ("retraction", ANA, RETRACTED | {"promise": DUE_SOON, "proof": None},
     "Re: First touch overdue since 14:07 CEST: Jane Doe (Acme GmbH)", [
        "A late report moved the hour: first touch is due in 7 minutes", "WHAT KEEPS THE PROMISE",
    ]),
    ("retraction", ANA, RETRACTED | {"promise": None, "proof": None}, "Re: Promise overdue: Jane Doe (Acme GmbH)", [
        "the promise did not apply any more when the alarm went out", "It counts as a miss for nobody.",
    ]),
    ("assigned", ANA, {}, "Your lead: Jane Doe (Acme GmbH), first touch by 14:07 CEST", [
        "Jane Doe (Acme GmbH) is your lead now.", "First touch is promised by Mon 1 Jun, 14:07 CEST: in 7 minutes.",
        "Not for you? Reject it now, with the reason, and it goes on without delay.",
    ]),
    ("assigned", ANA, {"promise": None}, "Your lead: Jane Doe (Acme GmbH)", ["Jane Doe (Acme GmbH) is your lead now."]),
    ("taken_over", ANA, {"owner_was_name": "Ben Example"},
     "Your lead now: Jane Doe (Acme GmbH), first touch by 14:07 CEST", [
        "Jane Doe (Acme GmbH) is your lead now: Ben Example, who had it, is away or has left.",
        "What was promised goes on: first touch is due in 7 minutes, Mon 1 Jun, 14:07 CEST.",
    ]),
    ("asked_again", ANA, {}, "Asked again: Jane Doe (Acme GmbH), first touch by 14:07 CEST", [
        "has asked again and has not heard from sales yet.", "Asking again gives no new time.",
    ]),
    ("asked_again", ANA, {"promise": REPLY}, "Asked again: Jane Doe (Acme GmbH), reply by 14:07 CEST", [
        "Jane Doe (Acme GmbH) has come back and asked again.",
        "An answer from you is promised by Mon 1 Jun, 14:07 CEST: in 7 minutes.", "Answer the buyer in person.",
    ]),
    ("feedback_asked", ANA, {"promise": FEEDBACK, "coming": ()},
     "What came of it? Jane Doe (Acme GmbH), feedback by 14:07 CEST", [
        "What came of Jane Doe (Acme GmbH)? You had the lead;", "Feedback is due in 7 minutes: Mon 1 Jun, 14:07 CEST.",
        f"leadloop lead feedback {LEAD} --quality 1..5",
    ]),
    ("ignored_retracted", MIRA, {"promise": None, "corrected": (IGNORED,), "coming": ()},
     "Re: Ignored by sales: Jane Doe (Acme GmbH)", [
        "Jane Doe (Acme GmbH) was not ignored, against what was said on Mon 1 Jun, 13:57 CEST:",
        "There is nothing you have to do.",
    ]),
    ("overtaken", ANA, {}, "Check who has this lead: Jane Doe (Acme GmbH)", [
        "A report that came late changes what Leadloop told you", "the lead is still yours.",
    ]),
    ("overtaken", ANA, {"promise": None, **MOVED}, "Check who has this lead: Jane Doe (Acme GmbH)", [
        "the lead is with Ben Example now.",
    ]),
    ("unassigned", MIRA, {"promise": ASSIGN, **NOBODY}, "A lead without an owner: Jane Doe (Acme GmbH)", [
        "waits in the queue of Sales and has no owner.", "Assignment is due in 1 minute",
        "Claim the lead, or assign it to someone.",
    ]),
    ("ignored", MIRA, {"promise": OVERDUE}, "Ignored by sales: Jane Doe (Acme GmbH)", [
        "Nobody in sales has reached out to Jane Doe (Acme GmbH)", "It belongs to Ana Example.",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("template", "hearer", "facts", "subject", "sentences"), TOLD)
def test_a_notice_says_what_to_do_and_by_when(
    template: str, hearer: Hearer, facts: dict[str, Any], subject: str, sentences: list[str]
) -> None:
    written = letter(template, hearer, **facts)

    assert written.subject == subject
    for sentence in sentences:
        assert sentence in written.text
    command = "feedback" if template == "feedback_asked" else "show"
    for html_too in ("Jane Doe", f"leadloop lead {command} {LEAD}", f'href="https://leads.example/leads/{LEAD}"'):
        assert html_too in written.html


def test_of_a_lead_without_an_owner_the_team_s_manager_is_told() -> None:
    text = letter("unassigned", ANA, promise=ASSIGN, owner=None, owner_name=None, **NOBODY).text

    assert "the manager of Sales is told" in " ".join(text.split())
    assert "of nobody" not in text


def test_every_template_has_its_text_seen_here() -> None:
    assert {row[0] for row in TOLD} == set(TEMPLATES)


def test_a_letter_shows_the_lead_its_words_and_how_to_open_it() -> None:
    expected = f"""\
WHO
  Jane Doe, Acme GmbH
  Phone:   +49 30 123456
  E-mail:  jane@acme.example
  From:    website, spring, Mon 1 Jun, 13:52 CEST
  Wants:   a demo, asked Mon 1 Jun, 13:52 CEST
  > We replace our CRM in autumn.
  > Can you show us the routing?

WHAT HAPPENS NEXT, UNLESS SOMEBODY ACTS
  Mon 1 Jun, 14:17 CEST (in 17 minutes): the lead goes to someone else
  Mon 1 Jun, 15:07 CEST (in 67 minutes): your manager is told

Open the lead:  https://leads.example/leads/{LEAD}
In a terminal:  leadloop lead show {LEAD}
"""
    assert expected in letter().text


def test_without_pages_to_lead_to_a_letter_has_no_link() -> None:
    written = Letters(None, "leadloop.example").write(brief(), ANA, NOON)

    assert written.url is None
    for said in (written.text, written.html):
        assert "Open the lead" not in said
        assert "/leads/" not in said
        assert f"leadloop lead show {LEAD}" in said


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_lead_of_which_nothing_is_known_still_makes_a_letter(template: str) -> None:
    written = letter(template, prospect=Prospect(), coming=(), team_name=None)

    assert "a lead without a name" in written.subject + written.text
    for nothing in ("None", "Phone:", "Wants:", "WHAT HAPPENS NEXT"):
        assert nothing not in written.text


def test_all_letters_about_a_lead_stand_in_one_thread() -> None:
    alarm, correction = letter("breach", promise=OVERDUE, action_id=BREACH), letter("retraction", **RETRACTED)

    assert alarm.thread == correction.thread == f"<{LEAD}.thread@leadloop.example>"
    assert (alarm.answers, correction.answers) == (alarm.thread, alarm.message_id)
    assert correction.subject == f"Re: {alarm.subject}"


def test_a_correction_stands_under_the_alarm_that_its_reader_got() -> None:
    """The channel was alarmed at due, the manager three minutes later."""
    at_due = replace(CORRECTED, told=("channel:sales",))
    above = replace(CORRECTED, action_id=ACTION, template="escalation", issued_at=NOON, told=("mira",))

    to_mira = letter("retraction", MIRA, **RETRACTED | {"corrected": (at_due, above)})

    assert to_mira.answers is not None
    assert str(ACTION) in to_mira.answers
    assert to_mira.subject == "Re: Still no first touch, overdue since 13:57 CEST: Jane Doe (Acme GmbH)"
    assert "The alarm of Mon 1 Jun, 14:00 CEST" in to_mira.text


def test_a_correction_stands_under_the_digest_in_which_its_reader_heard_the_alarm() -> None:
    alone, digest = replace(CORRECTED, told=("ana",)), replace(CORRECTED, action_id=DIGEST, told=("mira",))

    to_mira = letter("retraction", MIRA, **RETRACTED | {"corrected": (alone, digest)})

    assert to_mira.answers is not None
    assert str(DIGEST) in to_mira.answers
    assert to_mira.thread == f"<{LEAD}.thread@leadloop.example>"


def test_a_repeat_of_a_letter_is_recognised_by_its_message_id() -> None:
    first, again, other = letter(), letter(late=30), letter(hearer=MIRA)

    assert first.message_id == again.message_id != other.message_id
    assert str(ACTION) in first.message_id


def test_a_letter_held_up_is_true_of_the_moment_it_leaves_and_says_so() -> None:
    written = letter(late=10)  # due at 7 minutes

    assert "is due 3 minutes ago" in written.text
    assert "written at Mon 1 Jun, 14:00 CEST and held up" in written.text
    assert "held up" not in letter(late=4).text


def test_an_alarm_about_a_promise_that_is_gone_is_not_written() -> None:
    with pytest.raises(PromiseGoneError):
        letter("breach", promise=None)


def test_a_template_of_a_newer_version_is_not_written() -> None:
    with pytest.raises(UnknownTemplateError):
        letter("digest")


def test_the_next_steps_of_a_ladder_are_named_for_whom_they_concern() -> None:
    coming = (
        Coming(NOON + minutes(1), ("channel", "manager", "reassign")),
        Coming(NOON + timedelta(hours=3), ("to_queue",)),
        Coming(NOON + timedelta(days=3), ("ignored",)),
    )
    text = letter(hearer=MIRA, coming=coming).text

    assert "(in 1 minute): the channel of Sales and you are told and the lead goes to someone else" in text
    assert "Mon 1 Jun, 17:00 CEST (in 3 hours): the lead goes back to the queue of Sales" in text
    assert "Thu 4 Jun, 14:00 CEST (in 3 days): the lead counts as ignored, for good" in text
