"""The agreed effort: attempts are no conversation, and "unable to reach" is said after enough of them."""

from datetime import datetime
from typing import Any

import pytest

from leads.entries import Entry
from leads.revisions import Shelf
from leads.state import Clock
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched


def effortful(**agreed: Any) -> Shelf:
    """Three attempts on two channels within 90 hours, and no more than 9 working hours between two."""
    effort = {"target": "PT90H", "attempts": 3, "channels": 2, "max_gap": "PT9H"} | agreed
    promises = {"first_touch": {"target": "PT1H"}, "effort": effort}
    return shelf(playbook(segments=[
        {"name": "all", "team": "sales", "ignored_after": {"target": "PT27H"}, "promises": promises},
    ]))  # fmt: skip


def told(*entries: Entry, **agreed: Any) -> Story:
    story = Story(effortful(**agreed), people=("ana", "ben"))
    story.step(at(0), captured(at(0)), raised(at(0)))
    for entry in entries:
        story.step(entry.effective_at, entry)
    return story


def effort(story: Story) -> Clock:
    [clock] = [clock for clock in story.lead.clocks.values() if clock.clock == "effort"]
    return clock


def call(when: datetime, **data: Any) -> Entry:
    return touched(when, channel="call", **data)


def mail(when: datetime, **data: Any) -> Entry:
    return touched(when, channel="email", **data)


MADE = [call(at(5)), mail(at(60)), call(at(120))]
WAYS: list[tuple[list[Entry], tuple[str | None, str | None, datetime | None]]] = [
    # what sales did                                            how the effort stands
    ([call(at(5))], (None, None, None)),
    (MADE, ("met", "effort_made", at(120))),
    ([call(at(5)), call(at(60)), call(at(120))], (None, None, None)),  # one channel is not enough
    ([call(at(5)), call(at(60)), call(at(120)), mail(at(130))], ("met", "effort_made", at(130))),
    ([call(at(5)), mail(at(60)), call(at(70), connected=True)], ("met", "conversation", at(70))),
    ([call(at(5)), mail(at(60)), call(at(70), by="ben", connected=True)], ("met", "by_other", at(70))),
    ([call(at(5)), mail(at(60)), call(at(61), direction="in")], ("met", "conversation", at(61))),
    ([call(at(5)), mail(at(60)), mail(at(61), mode="bulk")], (None, None, None)),  # a bulk mail is no attempt
    # 09:05 and 10:00 on Monday, then Wednesday 10:00: 18 working hours of silence, so they count anew
    ([call(at(5)), mail(at(60)), call(at(60, days=2))], (None, None, None)),
    ([call(at(5)), mail(at(60)), call(at(60, days=2)), mail(at(61, days=2)), call(at(62, days=2))],
     ("met", "effort_made", at(62, days=2))),
    ([call(at(5)), fact("lead.won", at(9))], ("cancelled", "skipped", at(9))),
    ([call(at(5)), fact("lead.opportunity_opened", at(9))], ("cancelled", "skipped", at(9))),
    ([call(at(5)), fact("lead.rejected", at(9), reason="duplicate")], ("cancelled", "duplicate", at(9))),
    ([call(at(5)), fact("lead.rejected", at(9), reason="no_fit")], ("dodged", "under_worked", at(9))),
    ([call(at(5)), fact("lead.recycled", at(9), reason="unable_to_reach")], ("dodged", "under_worked", at(9))),
    ([call(at(5)), fact("lead.lost", at(9), reason="chose_other")], ("dodged", "under_worked", at(9))),
    ([*MADE, fact("lead.recycled", at(200), reason="unable_to_reach")], ("met", "effort_made", at(120))),
]  # fmt: skip


@pytest.mark.parametrize(("did", "stands"), WAYS)
def test_how_the_effort_stands(did: list[Entry], stands: tuple[str | None, str | None, datetime | None]) -> None:
    clock = effort(told(*did))

    assert (clock.outcome, clock.why, clock.ended_at) == stands


def test_a_conversation_at_once_needs_no_effort() -> None:
    story = told(call(at(5), connected=True))

    assert "effort" not in {clock.clock for clock in story.lead.clocks.values()}


@pytest.mark.parametrize(
    ("did", "refused"),
    [
        ([], "0 of 3 attempts so far, on 0 of 2 channels (none yet): "),
        ([call(at(5))], "1 of 3 attempts so far, on 1 of 2 channels (call): "),
        ([call(at(5)), call(at(6)), call(at(7))], "3 of 3 attempts so far, on 1 of 2 channels (call): "),
        (MADE, None),
        ([call(at(5), connected=True)], None),  # reached once, and never again
    ],
)
@pytest.mark.parametrize("command", ["reject", "recycle", "disqualify"])
def test_unable_to_reach_is_refused_before_the_agreed_effort(
    command: str, did: list[Entry], refused: str | None
) -> None:
    story = told(*did)

    answer = story.give(at(130), command, "ana", reason="unable_to_reach").refusal

    assert answer == (refused and f"{refused}reach out again, or give the reason that holds")


def test_as_a_fact_it_is_accepted_and_flagged() -> None:
    story = told(call(at(5)), fact("lead.rejected", at(9), reason="unable_to_reach"))

    [hand_off] = story.lead.hand_offs
    assert (story.lead.stage, hand_off.is_under_worked, story.lead.anomalies) == ("nurturing", True, 0)


def test_a_meeting_ahead_pauses_the_effort_until_it_is_over() -> None:
    booked = fact("lead.meeting_booked", at(10), at=at(60).isoformat(), self_booked=True)  # 10:00 to 11:00

    story = told(call(at(5)), booked)

    # 90 hours are ten days of nine: due Monday in two weeks at 09:05, and 09:10 to 11:00 more
    assert effort(story).due_at == at(5 + 110, days=14)


def test_a_meeting_called_off_lets_the_effort_run_again() -> None:
    booked = fact("lead.meeting_booked", at(10), at=at(60).isoformat(), self_booked=True, meeting="m")
    off = fact("lead.meeting_cancelled", at(30), at=at(60).isoformat(), meeting="m")

    assert effort(told(call(at(5)), booked, off)).due_at == at(5 + 20, days=14)


def test_too_few_attempts_in_the_time_agreed_are_a_breach() -> None:
    story = told(call(at(5)))
    story.sleep_until(at(10, days=14))

    assert [e.data.clock for e in story.decided("breach_announced")] == [effort(story).key]  # type: ignore[attr-defined]  # by type
