"""How ended leads, ended promises and odd facts are explained."""

import pytest

from leads.explain import people_in
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched
from tests.leads.test_explain import promise, sentences, told


def assigned() -> Story:
    story = Story()
    story.step(at(0), captured(at(0)), raised(at(0)))
    return story


def test_an_ignored_lead_stays_ignored_though_somebody_reaches_out_later() -> None:
    story = assigned()
    story.sleep_until(at(days=3))
    ignored = told(story, at(days=3))
    story.step(at(days=3, hours=1), touched(at(days=3, hours=1)))

    assert ignored.summary.endswith("It counts as ignored since Mon 1 Jun 18:00.")
    [before], [after] = ignored.ignored, told(story, at(days=4)).ignored
    ignored_for_good = "Ignored: nobody had reached out by Mon 1 Jun 18:00. That stays in the books"
    assert before.sentence == f"{ignored_for_good}; reaching out still helps the buyer."
    assert after.sentence == f"{ignored_for_good}, though Ana Huber did on Thu 4 Jun 10:00."


def test_a_rejection_without_a_call_counts_as_a_miss_and_says_so() -> None:
    story = assigned()
    story.give(at(5), "reject", reason="no_budget")
    told_now = told(story, at(6))

    assert told_now.summary == (
        "This lead is with marketing until Sun 30 Aug 09:05 (in 90 days); before Wed 1 Jul only a raised hand brings "
        "it back. 1 promise kept, 2 missed."
    )
    assert promise(told_now, "First touch by Ana Huber").sentence == (
        "First touch by Ana Huber was missed: on Mon 1 Jun 09:05 Ana Huber rejected it (“no budget”), though nobody "
        "had reached out; that is no clean way out, so it counts as a miss."
    )
    assert told_now.owner.sentence.startswith("Ana Huber had it last: ")
    assert sentences(told_now.hand_offs) == [
        (
            "Handed to sales on Mon 1 Jun 09:00, when the buyer asked for a demo. "
            "Ended on Mon 1 Jun 09:05: sales gave it back (“no budget”)."
        )
    ]
    assert sentences(told_now.coming) == ["Sun 30 Aug 09:05 (in 90 days): marketing looks at it again."]


def test_a_contradiction_is_told_and_changes_nothing() -> None:
    story = assigned()
    story.give(at(5), "reject", reason="no_budget")
    story.step(at(10), fact("lead.rejected", at(10), reason="no_fit", by="ana"))
    [anomaly] = told(story, at(11)).anomalies

    assert anomaly.sentence.startswith(
        "Mon 1 Jun 09:10: Ana Huber rejected it (“no fit”), but a lead that is nurturing"
    )
    assert anomaly.sentence.endswith("it was noted and changed nothing.")


def test_a_win_ends_what_was_still_promised() -> None:
    story = assigned()
    story.step(at(5), fact("lead.won", at(5), amount=12000, currency="EUR"))
    told_now = told(story, at(6))

    assert told_now.summary == (
        "This lead is won. Feedback to marketing is due on Wed 3 Jun 09:05 (in 47 hours 59 minutes). "
        "1 promise kept, none missed so far."
    )
    assert told_now.stage.sentence == "Won since Mon 1 Jun 09:05: the deal was won (12,000 EUR)."
    assert promise(told_now, "First touch by Ana Huber").sentence == (
        "First touch by Ana Huber no longer applies since Mon 1 Jun 09:05, when the deal was won (12,000 EUR); "
        "the steps up to there were skipped, and it counts neither way."
    )
    assert sentences(told_now.coming)[0] == (
        "Wed 3 Jun 09:05 (in 47 hours 59 minutes): feedback to marketing is due; Ana Huber is told."
    )


def test_a_late_touch_in_fact_is_broken_and_one_written_down_late_counts_as_late() -> None:
    broken, late = assigned(), assigned()
    broken.step(at(27), touched(at(27)))
    late.step(at(240), touched(at(5), evidence="self_reported", logged_at=at(200).isoformat()))

    assert promise(told(broken, at(30)), "First touch by Ana Huber").sentence == (
        "First touch by Ana Huber was broken: due on Mon 1 Jun 09:15, but Ana Huber called only on Mon 1 Jun 09:27, "
        "12 minutes late."
    )
    assert promise(told(late, at(240)), "Answer to the raised hand").sentence == (
        "Answer to the raised hand counts as kept late: on Mon 1 Jun 09:05 Ana Huber called (written down on Mon 1 Jun "
        "12:20); that was in time, but word of it came only after it was due."
    )


def test_a_reassigned_lead_names_who_gave_it_to_whom() -> None:
    story = assigned()
    story.give(at(3), "reassign", actor="meg", owner="ben")
    told_now = told(story, at(4))

    assert told_now.owner.sentence == "Ben Roth has had it since Mon 1 Jun 09:03: meg gave it to Ben Roth."
    assert promise(told_now, "First touch by Ben Roth").state == "running"  # a swap inside the team: it goes on
    assert {"ana", "ben", "cleo", "meg"} <= people_in(story.lead, story.journal)


@pytest.mark.parametrize(
    ("entries", "summary"),
    [
        ([captured(at(0))], "This lead is captured; nothing speaks for sales yet."),
        (
            [touched(at(0))],
            (
                "This lead has not been captured yet: 1 event came in about it, "
                "but not the one that says where it comes from."
            ),
        ),
        (
            [captured(at(0)), fact("lead.disqualified", at(0), kind="hard", reason="competitor")],
            "This lead is ruled out (“competitor”), for good.",
        ),
        (
            [captured(at(0)), fact("lead.lost", at(0), reason="chose_other")],
            "This lead is lost (“chose other”); it comes back if the buyer raises a hand.",
        ),
    ],
)
def test_leads_without_promises_are_summed_up_too(entries: list[object], summary: str) -> None:
    story = Story()
    story.step(at(0), *entries)  # type: ignore[arg-type]  # entries, by the rows above
    assert told(story, at(1)).summary == summary


def test_the_rules_name_the_segment_its_condition_and_a_newer_revision() -> None:
    story = Story(shelf(playbook(), playbook(mode="shadow")))
    story.step(at(0), captured(at(0)), raised(at(0)))
    rules = told(story, at(1)).rules

    assert rules.sentence == (
        "Revision 2 of the playbook, segment “hot” (because the buyer raised a hand). "
        "Sales stands in shadow: promises run, but nobody is told, and the CRM says whose a lead is."
    )
    assert rules.real_touch == (
        "A real touch is a call, an e-mail, a message, a meeting, a visit or some other contact, made by a person or "
        "done by hand as a step of a sequence; what is sent by a sequence on its own or sent in bulk does not count. "
        "An agreed meeting counts too."
    )


def test_without_its_journal_a_lead_is_explained_from_its_state_alone() -> None:
    story = assigned()
    story.journal.clear()
    told_now = told(story, at(1), is_complete=False)

    assert told_now.stage.sentence == "Assigned since Mon 1 Jun 09:00."
    assert told_now.owner.sentence == "Ana Huber has had it since Mon 1 Jun 09:00."
    assert promise(told_now, "First touch by Ana Huber").sentence.startswith("First touch by Ana Huber is due")
    assert not told_now.is_complete
