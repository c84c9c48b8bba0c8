"""No storm: after an outage or an edit each lead alarms at most once for each clock, however many leads there are."""

from collections import Counter
from collections.abc import Callable

import pytest

from leads.clocks import standing_name
from leads.decisions import NoticeIssued
from tests.builders import Story, at, captured, fact, raised
from tests.leads.editions import begun, book, edited, reached

LEADS = 300
ALARMS = ("warning", "breach", "escalation")


def alarms_since(story: Story, when: object) -> Counter[str]:
    """Clock → how often it alarmed at `when` or later."""
    found: Counter[str] = Counter()
    for entry in story.decided("notice_issued"):
        told = entry.data
        if isinstance(told, NoticeIssued) and told.template in ALARMS and entry.effective_at >= when:  # type: ignore[operator]  # an instant
            found[standing_name(story.lead, told.about)] += 1
    return found


def slept_through(minutes: int) -> Story:
    """Nobody woke it from 09:0x until Tuesday 12:00: every rung of every ladder is past by then."""
    story = Story()
    story.step(at(minutes), captured(at(minutes)), raised(at(minutes)))
    return story


def qualified(minutes: int) -> Story:
    story = Story()
    story.step(at(minutes), captured(at(minutes)), fact("lead.qualified", at(minutes)))
    return story


@pytest.mark.parametrize("begin", [slept_through, qualified], ids=["raised hands", "qualified"])
def test_after_an_outage_each_clock_alarms_by_its_highest_rung_alone(begin: Callable[[int], Story]) -> None:
    """SuiteCRM/SuiteCRM#3806, #8292: every run of the scheduler acted on everything again."""
    back = at(days=1, hours=3)
    for number in range(LEADS):
        story = begin(number % 30)
        story.step(back)
        story.step(back)
        per_rung = Counter(entry.data.rung for entry in story.decided("rung_fired"))  # type: ignore[attr-defined]  # by type
        per_clock = Counter(
            standing_name(story.lead, entry.data.clock)  # type: ignore[attr-defined]  # by type
            for entry in story.decided("rung_fired")
        )
        places = {entry.data.due_at for entry in story.decided("rung_fired")}  # type: ignore[attr-defined]  # by type
        assert len(places) <= len(per_clock), (number, per_rung)
        assert max(alarms_since(story, back).values(), default=0) <= 1


def test_an_edit_alarms_nobody_about_what_it_broke_itself() -> None:
    """Held until somebody confirms it; 4 h become 1 h with 2 h used."""
    for _ in range(LEADS):
        story = reached(begun(edited(book("PT4H"), book("PT1H"))))
        story.sleep_until(at(179))
        # at 11:00 half of the four hours promised was gone, which is said; then nothing until they are over
        assert alarms_since(story, at(121)) == Counter()
        assert story.decided("breach_announced") == []


def test_an_edit_that_reaches_a_lead_twice_alarms_once() -> None:
    """pluginsGLPI/escalade#213: two mails for each escalation. 4 h become 3 h 30 while 2 are used."""
    for _ in range(LEADS):
        story = reached(reached(begun(edited(book("PT4H"), book("PT3H30M")))))
        story.sleep_until(at(hours=3, minutes=30))
        rungs = [entry.data.rung for entry in story.decided("rung_fired")]  # type: ignore[attr-defined]  # by type
        assert sorted(rungs) == sorted(set(rungs))
