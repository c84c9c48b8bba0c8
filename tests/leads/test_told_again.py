"""What is told twice, taken back or said anew promises nothing twice, and excuses nothing."""

from leads.decisions import NoticeIssued
from leads.entries import Entry
from leads.promises import ClockName
from leads.state import Clock, Outcome
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

TALK = touched(at(5), connected=True)


def worked(*more: Entry) -> Story:
    story = Story()
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.step(at(5), TALK)
    for entry in more:
        story.step(entry.effective_at, entry)
    return story


def of(story: Story, name: str) -> list[Clock]:
    return [clock for clock in story.lead.clocks.values() if clock.clock == name]


def test_an_opportunity_told_every_day_owes_one_next_step() -> None:
    opened = [fact("lead.opportunity_opened", at(60 * i), id_=f"sync-{i}", opportunity="O-1") for i in (1, 2, 3)]
    story = worked(*opened)

    assert [clock.started_at for clock in of(story, "next_step") if clock.is_running] == [at(60)]


def test_a_meeting_told_every_hour_is_one_meeting() -> None:
    booked = [
        fact("lead.meeting_booked", at(60 * i), id_=f"sync-{i}", by="ana", meeting="m1", at=at(days=2).isoformat())
        for i in (1, 2, 3)
    ]
    story = worked(*booked)

    assert [clock.outcome for clock in of(story, "meeting_outcome")] == [None]
    assert [clock.outcome for clock in of(story, "next_step")] == [Outcome.MET, None]
    assert story.lead.real_touches == 2  # the talk and the booking


def test_to_get_the_lead_is_no_next_step() -> None:
    story = Story()
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.give(at(1), "reassign", "mira", team="sales")
    story.give(at(3), "touch", "ana", channel="call", connected=True)
    story.give(at(5), "claim", "ana")

    [step] = of(story, "next_step")
    assert (step.is_running, step.owner, story.lead.stage) == (True, "ana", "working")


def test_what_was_broken_is_broken_again_once_the_lead_is_one_after_all() -> None:
    story = Story()
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.sleep_until(at(20))
    story.give(at(21), "disqualify", story.lead.owner or "", kind="not_a_lead", reason="no_fit")
    assert not story.lead.is_counted
    assert [e.type for e in story.journal if e.type == "breach_retracted"] == ["breach_retracted"] * 2

    story.give(at(30), "reopen", "mira")

    assert of(story, "first_touch")[0].outcome is Outcome.BREACHED
    assert of(story, "speed_to_lead")[0].outcome is Outcome.BREACHED
    assert {key for key, stands in story.lead.breaches_announced.items() if stands} >= {
        of(story, "first_touch")[0].key, of(story, "speed_to_lead")[0].key,
    }  # fmt: skip


def test_a_new_owner_who_stays_is_not_to_blame_for_what_ran_out_before() -> None:
    quick = playbook()
    segments = [s.model_copy(update={"promises": s.promises | _SHORT}) for s in quick.segments]
    story = Story(shelf(quick.model_copy(update={"segments": tuple(segments)})))
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.sleep_until(at(26))  # moved on by the ladder at 09:25
    assert (story.lead.owner, len(story.decided("assigned"))) == ("ben", 2)

    story.step(at(27), touched(at(2), connected=True, recorded_at=at(27)))  # a next step was due at 09:12

    [step] = of(story, "next_step")
    assert (story.lead.owner, step.owner, step.due_at) == ("ben", "ana", at(12))


_SHORT = {
    "next_step": playbook()
    .segments[1]
    .promises[ClockName.FIRST_TOUCH]
    .model_copy(update={"target": "PT10M", "ladder": None})
}


def test_the_latest_word_on_a_date_counts() -> None:
    story = worked()
    story.give(at(10), "snooze", until=at(days=20).isoformat())
    story.give(at(20), "snooze", until=at(days=2).isoformat())
    assert story.lead.pauses == [(at(10), at(20)), (at(20), at(days=2))]

    story.give(at(30), "callback", at=at(days=1).isoformat())
    assert story.lead.pauses[-1] == (at(30), at(days=1))
    assert of(story, "next_step")[-1].due_at == at(days=1, hours=9)  # nine hours of working time from then


def test_a_notice_that_it_is_ignored_is_taken_back_with_the_word_that_it_is_not() -> None:
    story = Story()
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.sleep_until(at(days=1, hours=1))
    said = [
        e for e in story.decided("notice_issued") if isinstance(e.data, NoticeIssued) and e.data.template == "ignored"
    ]
    assert len(said) == 1

    story.undone = frozenset({said[0].id})  # it waits for a digest
    story.step(at(days=1, hours=2), touched(at(1), recorded_at=at(days=1, hours=2)))

    assert [e.data.notice for e in story.decided("notice_withdrawn")] == [said[0].id]  # type: ignore[attr-defined]  # by type
