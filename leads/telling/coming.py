"""What happens next and when, if nobody acts."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from leads.decide import nurture_at
from leads.ladder import climb
from leads.playbook_teams import NoticeMode
from leads.promises import ClockName
from leads.stages import Stage
from leads.telling.case import Case, Told
from leads.telling.nouns import the_noun_of
from leads.telling.rungs import later_by, moment, will
from leads.telling.words import Words, listed, sentence
from leads.waiting import next_look
from leads.wake import next_wake


class ComingStory(Told):
    """Something that will happen by itself."""

    at: datetime
    kind: str = Field(description="due, rung, ignored, queue, nurture, resume or review.")
    clock: str | None = None
    sentence: str


def coming_of(case: Case) -> tuple[ComingStory, ...]:
    """What is ahead, soonest first; an open lead always has something ahead."""
    found = [*_promises(case), *_hand_off(case), *_marketing(case), *_pauses(case)]
    if not found and case.lead.is_open:
        at = next_wake(case.lead, case.shelf, case.now)
        if at is not None:
            found = [_story(case.words, at, "review", "Leadloop looks whether anything has been forgotten")]
    return tuple(sorted(found, key=lambda step: step.at))


def _story(words: Words, at: datetime, kind: str, said: str, clock: str | None = None) -> ComingStory:
    due = "now" if at <= words.now else words.when(at)
    return ComingStory(at=at, kind=kind, clock=clock, sentence=sentence(f"{due}: {said}"))


def _promises(case: Case) -> Iterator[ComingStory]:
    for clock in case.lead.running():
        if clock.quiet or (clock.clock is ClockName.STAGE and clock.ladder is None):
            continue  # that a stage is left some day and nobody is told is no news
        steps = climb(case.life, clock)
        at_due = [step for step in steps if step.fires_at == clock.due_at]
        if clock.due_at > case.now:
            also = [will(case, clock, step.rung) for step in at_due]
            said = f"{the_noun_of(clock)} is due{'; ' + listed(also) if also else ''}"
            yield _story(case.words, clock.due_at, "due", said, clock.key)
        for step in steps:
            if step not in at_due or clock.due_at <= case.now:
                wait = later_by(case, clock, step.rung, step.fires_at - step.due_at)
                said = f"{moment(step.rung, the_noun_of(clock))}{wait}; {will(case, clock, step.rung)}"
                yield _story(case.words, step.fires_at, "rung", said, clock.key)


def _hand_off(case: Case) -> Iterator[ComingStory]:
    hand_off = case.lead.hand_off
    if hand_off is None:
        return
    look = next_look(hand_off, case.now)
    if look is not None:
        team = case.words.team(hand_off.team)
        said = f"Leadloop looks again for somebody free in {team}"
        if hand_off.queue_why == NoticeMode.SHADOW:
            said = f"Leadloop gives it out, if {team} has left shadow by then"
        yield _story(case.words, look, "queue", said)
    if hand_off.looked_after_at is None and not hand_off.quiet and hand_off.ignored_at > case.now:
        yield _story(case.words, hand_off.ignored_at, "ignored", "without a real touch it counts as ignored, for good")


def _marketing(case: Case) -> Iterator[ComingStory]:
    lead = case.lead
    if lead.stage not in (Stage.CAPTURED, Stage.NURTURING) or lead.waits_in is not None:
        return
    at = nurture_at(lead, case.shelf.in_force(case.now).playbook)
    if at is None:
        return
    said = "marketing looks at it again"
    if lead.stage is Stage.CAPTURED:
        said = "marketing starts to nurture it, unless it is ready for sales by then"
    yield _story(case.words, at, "nurture", said)


def _pauses(case: Case) -> Iterator[ComingStory]:
    until = case.lead.paused_until(case.now)
    if until is not None and case.lead.is_open:
        more = " and the promises run on" if case.lead.running() else ""
        yield _story(case.words, until, "resume", f"the pause ends{more}")
