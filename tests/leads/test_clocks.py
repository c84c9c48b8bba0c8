"""The clock table: what starts each promise, what keeps it, and how it ends otherwise.

The default playbook works 09:00 to 18:00 UTC; times of day are minutes after Monday 09:00. `hot`: speed to lead and
first touch 15 min, assign 2 min. `named`: assign 15 min, accept 4 h, first touch 9 h.
"""

from datetime import datetime

import pytest

from leads.entries import Entry
from leads.state import Clock
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

HOT = [captured(at(0)), raised(at(0)), fact("lead.assigned", at(1), owner="ana")]
NAMED = [
    captured(at(0), attributes={"relation": "target_account"}),
    fact("lead.qualified", at(0)),
    fact("lead.assigned", at(1), owner="ana"),
]


def told(*entries: Entry, until: datetime | None = None) -> Story:
    story = Story(people=())
    story.step(until or max(entry.effective_at for entry in entries), *entries)
    return story


def clock_of(story: Story, name: str) -> Clock:
    return [clock for clock in story.lead.clocks.values() if clock.clock == name][-1]


def ended(story: Story, name: str) -> tuple[str | None, str | None, datetime | None]:
    clock = clock_of(story, name)
    return clock.outcome, clock.why, clock.ended_at


@pytest.mark.parametrize(
    ("life", "clock", "starts", "due"),
    [
        (HOT, "speed_to_lead", at(0), at(15)),  # the hand goes up; 15 working minutes
        (HOT, "assign", at(0), at(2)),  # qualified; 2 elapsed minutes
        (HOT, "first_touch", at(1), at(16)),  # owner set; 15 min
        (NAMED, "assign", at(0), at(15)),
        (NAMED, "accept", at(1), at(241)),  # owner set; 4 h = 240 min
        (NAMED, "first_touch", at(1), at(1 + 24 * 60)),  # 9 h are one business day: Tuesday 09:01
    ],
)
def test_what_starts_each_clock_and_when_it_is_due(
    life: list[Entry], clock: str, starts: datetime, due: datetime
) -> None:
    found = clock_of(told(*life), clock)

    assert (found.started_at, found.due_at) == (starts, due)


MET: list[tuple[list[Entry], str, str]] = [
    ([*HOT, touched(at(10))], "speed_to_lead", "real_touch"),
    ([*HOT, touched(at(10), by="ben")], "speed_to_lead", "by_other"),
    ([*HOT, touched(at(10), mode="sequence_manual")], "first_touch", "real_touch"),
    ([*HOT, touched(at(10), direction="in")], "first_touch", "real_touch"),
    ([*HOT, touched(at(10), by="ben")], "first_touch", "by_other"),
    ([*HOT, fact("lead.meeting_booked", at(10), at="2026-06-05T09:00:00Z", by="ana")], "first_touch", "real_touch"),
    (
        [*HOT, fact("lead.meeting_booked", at(10), at="2026-06-05T09:00:00Z", self_booked=True)],
        "speed_to_lead",
        "self_serve",
    ),
    ([*HOT, fact("lead.meeting_held", at(10), at="2026-06-01T09:10:00Z", by="ana")], "first_touch", "real_touch"),
    ([*NAMED, fact("lead.accepted", at(10), by="ana")], "accept", "accepted"),
    ([*NAMED, touched(at(10))], "accept", "real_touch"),
    ([*NAMED, fact("lead.rejected", at(10), reason="competitor", by="ana")], "accept", "checkable_rejection"),
]


@pytest.mark.parametrize(("life", "clock", "why"), MET)
def test_what_keeps_each_promise(life: list[Entry], clock: str, why: str) -> None:
    assert ended(told(*life), clock) == ("met", why, at(10))


def test_an_owner_keeps_the_promise_to_assign() -> None:
    assert ended(told(*HOT), "assign") == ("met", "owner_set", at(1))


@pytest.mark.parametrize(
    "life",
    [
        [*HOT, touched(at(10), mode="sequence_auto")],
        [*HOT, touched(at(10), mode="bulk")],
        [*HOT, fact("lead.replied", at(10), channel="email")],
        [*HOT, fact("lead.accepted", at(10), by="ana")],
        [*HOT, fact("lead.meeting_booked", at(10), at="2026-06-05T09:00:00Z", self_booked=True)],  # nobody reached out
        [*HOT, fact("lead.meeting_missed", at(10), at="2026-06-01T09:10:00Z")],
        [*HOT, fact("lead.meeting_booked", at(10), at="2026-06-05T09:00:00Z")],  # by nobody
    ],
)
def test_what_does_not_keep_a_first_touch(life: list[Entry]) -> None:
    assert clock_of(told(*life), "first_touch").is_running


@pytest.mark.parametrize(
    ("minute", "outcome"),
    [(16, "met"), (16 + 1 / 60, "breached")],  # owner at 1, due at 16: at the due instant is in time
)
def test_the_due_instant_itself_is_in_time(minute: float, outcome: str) -> None:
    assert ended(told(*HOT, touched(at(minute))), "first_touch") == (outcome, "real_touch", at(minute))


SELF = {"evidence": "self_reported"}


@pytest.mark.parametrize(
    ("touched_at", "logged_at", "evidence", "outcome"),
    [
        (10, 70, "self_reported", "met"),  # written down exactly one working hour later
        (10, 71, "self_reported", "met_late"),  # later, and after due at 16
        (10, 71, "system", "met"),  # a system saw it: whenever word comes
        (10, 71, "partner", "met"),
        (17, 18, "self_reported", "breached"),  # too late is too late, however quickly logged
        (17, 300, "self_reported", "breached"),
    ],
)
def test_self_reports_written_down_late_and_after_due_are_met_late(
    touched_at: int, logged_at: int, evidence: str, outcome: str
) -> None:
    story = told(*HOT, touched(at(touched_at), evidence=evidence, logged_at=at(logged_at)), until=at(400))

    assert clock_of(story, "first_touch").outcome == outcome


def test_a_self_report_written_down_late_but_before_due_is_in_time() -> None:
    # first touch of `named` is due after 9 h; logged 70 min after the touch, long before that
    story = told(*NAMED, touched(at(10), **SELF, logged_at=at(80)), until=at(90))

    assert clock_of(story, "first_touch").outcome == "met"


def test_the_hour_of_grace_is_a_working_hour() -> None:
    # touched Monday 17:55 while the promise ran out at 17:56; logged Tuesday 09:50: 5 + 50 = 55 working minutes later
    evening = 8 * 60 + 40
    life = [captured(at(evening)), raised(at(evening)), fact("lead.assigned", at(evening + 1), owner="ana")]
    report = touched(at(evening + 15), **SELF, logged_at=at(50, days=1))

    assert clock_of(told(*life, report, until=at(51, days=1)), "first_touch").outcome == "met"


def test_better_evidence_makes_a_late_word_good() -> None:
    late = touched(at(5), **SELF, logged_at=at(120))

    better = told(*HOT, late, touched(at(9), channel="email"), until=at(130))
    too_late = told(*HOT, late, touched(at(17), channel="email"), until=at(130))
    no_better = told(*HOT, late, touched(at(9), **SELF, logged_at=at(125)), until=at(130))

    assert ended(better, "first_touch") == ("met", "better_evidence", at(9))
    assert [clock_of(s, "first_touch").outcome for s in (too_late, no_better)] == ["met_late", "met_late"]


@pytest.mark.parametrize(("more", "outcome"), [([], "met_late"), ([touched(at(0.8), channel="email")], "met")])
def test_a_late_word_of_a_touch_before_assignment_is_late_for_the_owner_too(more: list[Entry], outcome: str) -> None:
    early = touched(at(0.5), by="ben", **SELF, logged_at=at(120))

    story = told(*HOT, early, *more, until=at(130))

    assert [clock_of(story, name).outcome for name in ("speed_to_lead", "first_touch")] == [outcome, outcome]


@pytest.mark.parametrize(
    ("raised_at", "due"),
    [
        (at(-1), at(60)),  # 08:59, closed: 1 h from opening
        (at(0), at(15)),  # at opening time: open
        (at(9 * 60), at(60, days=1)),  # 18:00, closing time: closed, due Tuesday 10:00
        (at(9 * 60 - 5), at(10, days=1)),  # 17:55, open: 5 min today, 10 tomorrow
        (at(days=5), at(60, days=7)),  # Saturday: Monday 10:00
    ],
)
def test_a_hand_raised_while_closed_has_its_own_target_from_opening(raised_at: datetime, due: datetime) -> None:
    story = told(captured(raised_at), raised(raised_at))

    assert clock_of(story, "speed_to_lead").due_at == due


LEAVING: list[tuple[Entry, int, str, str]] = [
    # the way out          minute   outcome of the first touch due at 16, and why
    (fact("lead.won", at(10)), 10, "cancelled", "skipped"),
    (fact("lead.opportunity_opened", at(10)), 10, "cancelled", "skipped"),
    (fact("lead.rejected", at(10), reason="duplicate"), 10, "cancelled", "duplicate"),  # checkable: a clean exit
    (fact("lead.rejected", at(10), reason="no_fit"), 10, "dodged", "no_fit"),
    (fact("lead.recycled", at(10), reason="no_need"), 10, "dodged", "no_need"),
    (fact("lead.recycled", at(10)), 10, "dodged", "recycled"),
    (fact("lead.lost", at(10), reason="chose_other"), 10, "dodged", "chose_other"),
    (fact("lead.lost", at(10), reason="duplicate"), 10, "cancelled", "duplicate"),
    (fact("lead.disqualified", at(10), reason="no_fit"), 10, "dodged", "no_fit"),
    (fact("lead.disqualified", at(10), reason="competitor"), 10, "cancelled", "competitor"),
    (fact("lead.disqualified", at(10), kind="not_a_lead"), 10, "cancelled", "not_a_lead"),
    (fact("lead.won", at(17)), 17, "breached", "skipped"),  # overdue is breached, whatever the way out
    (fact("lead.rejected", at(17), reason="duplicate"), 17, "breached", "duplicate"),
    (fact("lead.lost", at(17), reason="chose_other"), 17, "breached", "chose_other"),
    # in no denominator, unless it is opened again
    (fact("lead.disqualified", at(17), kind="not_a_lead"), 17, "breached", "not_a_lead"),
]


@pytest.mark.parametrize(("way_out", "minute", "outcome", "why"), LEAVING)
def test_how_an_untouched_promise_ends_when_the_hand_off_does(
    way_out: Entry, minute: int, outcome: str, why: str
) -> None:
    assert ended(told(*HOT, way_out), "first_touch") == (outcome, why, at(minute))


def test_leaving_without_an_owner_dodges_no_promise_to_assign() -> None:
    story = told(*NAMED[:2], fact("lead.recycled", at(10), reason="no_need"))

    assert ended(story, "assign") == ("cancelled", "no_need", at(10))


def test_after_a_touch_leaving_is_no_dodge() -> None:
    story = told(*HOT, touched(at(5)), fact("lead.recycled", at(40), reason="no_need"))

    assert story.outcomes() == {"speed_to_lead": "met", "assign": "met", "first_touch": "met"}


def test_the_buyers_own_clock_goes_on_through_a_reroute() -> None:
    story = told(*HOT, fact("lead.rejected", at(10), reason="wrong_territory", by="ana"))
    [speed] = [clock for clock in story.lead.running() if clock.clock == "speed_to_lead"]
    assert speed.due_at == at(15)

    story.step(at(14), fact("lead.assigned", at(11), owner="ben"), touched(at(14), by="ben"))

    assert ended(story, "speed_to_lead") == ("met", "real_touch", at(14))


def test_the_buyers_own_clock_knows_the_owner_of_the_day() -> None:
    story = told(*HOT)
    assert clock_of(story, "speed_to_lead").owner == "ana"

    story.step(at(3), fact("lead.assigned", at(2), owner="ben"))

    assert clock_of(story, "speed_to_lead").owner == "ben"


@pytest.mark.parametrize(
    ("snoozed", "until", "due"),
    [
        (at(3), at(8), at(21)),  # 5 of the minutes do not count: 16 + 5
        (at(3), at(days=1), at(13, days=1)),  # 2 min ran from 09:01, 13 are left on Tuesday
        (at(16), at(30), at(16)),  # as it runs out: stop beats pause
    ],
)
def test_a_snooze_moves_due_by_the_open_time_it_covers(snoozed: datetime, until: datetime, due: datetime) -> None:
    story = Story(shelf(playbook(snooze_before_touch=True)), people=())
    story.step(snoozed, *HOT, fact("lead.snoozed", snoozed, until=until.isoformat()))

    assert clock_of(story, "first_touch").due_at == due


def test_a_snooze_ends_with_its_hand_off_and_with_the_buyers_word() -> None:
    long = at(days=30).isoformat()
    life = [*HOT, touched(at(2)), fact("lead.snoozed", at(3), until=long)]

    replied = told(*life, fact("lead.replied", at(60), channel="email"))
    handed_again = told(*life, fact("lead.lost", at(60), reason="no_need"), fact("lead.qualified", at(90)))

    assert replied.lead.pauses == handed_again.lead.pauses == [(at(3), at(60))]
    assert clock_of(handed_again, "assign").due_at == at(92)  # still hot: 2 min


def test_a_snooze_of_centuries_is_cut_to_a_year_and_a_day() -> None:
    story = told(*HOT, touched(at(2)), fact("lead.snoozed", at(3), until="2099-12-31T23:59:59Z"))

    assert story.lead.pauses == [(at(3), at(3, days=366))]


def test_nothing_is_promised_to_who_is_not_a_lead() -> None:
    story = told(captured(at(0)), fact("lead.disqualified", at(0), kind="not_a_lead"), raised(at(1)))

    assert (story.outcomes(), story.lead.stage) == ({}, "disqualified")
