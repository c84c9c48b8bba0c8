"""What the words mean here: as people have agreed on it, and beside that the playbook's rules in plain sentences."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from pydantic import Field

from leads.durations import parse_duration, parse_working_duration
from leads.events import HandOffKind
from leads.playbook import Playbook, Rules
from leads.playbook_definitions import Definitions
from leads.promises import ClockName, Promise
from leads.stages import Stage
from leads.telling.case import Told
from leads.telling.keeping import real_touch
from leads.telling.nouns import noun
from leads.telling.rules import said_of
from leads.telling.words import Names, counted, lasting, listed, sentence, target

_STAGES = {
    Stage.CAPTURED: ("Captured", "known, with no reason yet to be nurtured or handed to sales"),
    Stage.NURTURING: ("Nurturing", "marketing keeps in touch until the lead qualifies, or wakes from its rest"),
    Stage.QUALIFIED: ("Qualified (MQL)", "ready for sales; a hand-off is open and waits for an owner"),
    Stage.ASSIGNED: ("Assigned", "an owner is set and has not reached out yet"),
    Stage.ACCEPTED: ("Accepted (SAL)", "the owner has taken the lead and not reached out yet"),
    Stage.WORKING: ("Working", "sales has reached out, or answered"),
    Stage.OPPORTUNITY: ("Opportunity (SQL)", "sales confirms a real opportunity"),
    Stage.WON: ("Won", "an opportunity that the lead came to was won"),
    Stage.LOST: ("Lost", "the opportunity was lost"),
    Stage.DISQUALIFIED: ("Disqualified", "out of the running: for now, for good, or because it never was a lead"),
}
"""Stage → its name, and what Leadloop takes it for."""
_KINDS: dict[str, str] = {
    HandOffKind.REP_TO_CLOSER: "to a closer",
    HandOffKind.TO_PARTNER: "to a partner",
    HandOffKind.RETURNED: "back to whoever passed it on",
}
_PROMISED = {
    Stage.QUALIFIED: (ClockName.ASSIGN,),
    Stage.ASSIGNED: (ClockName.ACCEPT, ClockName.FIRST_TOUCH),
    Stage.WORKING: (ClockName.NEXT_STEP,),
}
"""What is promised as a lead enters a stage."""


class Meaning(Told):
    """One word."""

    name: str = Field(description="lead, qualified_lead, real_touch, or a stage.")
    title: str
    words: str | None = Field(description="What has been agreed; null where nothing is written down.")
    rules: tuple[str, ...] = Field(description="What the playbook does by it, in sentences.")


class Answering(Told):
    """Who answers for the definitions."""

    person: str
    name: str


class DefinitionsPage(Told):
    """What the words mean under one revision."""

    revision: int
    in_force_from: datetime
    sales_owner: Answering | None = Field(description="Null where the playbook has no definitions.")
    marketing_owner: Answering | None
    review_by: date | None
    overdue_seconds: int = Field(description="For how long the review is overdue; 0 while it is not.")
    warnings: tuple[str, ...]
    meanings: tuple[Meaning, ...]


def definitions_page(
    playbook: Playbook, *, revision: int, in_force_from: datetime, now: datetime, names: Names
) -> DefinitionsPage:
    """The page of one revision, as of now."""
    agreed = playbook.definitions
    overdue = agreed.overdue_for(playbook.calendars[playbook.calendar].zone, now) if agreed else None
    return DefinitionsPage(
        revision=revision,
        in_force_from=in_force_from,
        sales_owner=_answering(agreed.sales_owner, names) if agreed else None,
        marketing_owner=_answering(agreed.marketing_owner, names) if agreed else None,
        review_by=agreed.review_by if agreed else None,
        overdue_seconds=int(overdue.total_seconds()) if overdue else 0,
        warnings=tuple(review_warnings(playbook, now, names)),
        meanings=tuple(_meanings(playbook, agreed, names)),
    )


def review_warnings(playbook: Playbook, now: datetime, names: Names) -> Iterator[str]:
    """That the review of the definitions is overdue, and who is to see to it."""
    agreed = playbook.definitions
    if agreed is None:
        return
    overdue = agreed.overdue_for(playbook.calendars[playbook.calendar].zone, now)
    if overdue:
        sales, marketing = _answering(agreed.sales_owner, names).name, _answering(agreed.marketing_owner, names).name
        yield (
            f"The definitions were to be reviewed by {agreed.review_by}: {sales} and {marketing} look at them again, "
            "and publish them with a later review_by."
        )


def _answering(person: str, names: Names) -> Answering:
    return Answering(person=person, name=names.people.get(person, person))


def _meanings(book: Playbook, agreed: Definitions | None, names: Names) -> Iterator[Meaning]:
    words: Mapping[Stage, str] = agreed.stages if agreed else {}
    yield _meaning("lead", "Lead", agreed.lead if agreed else None, _lead(book, names))
    yield _meaning("qualified_lead", "Qualified lead", agreed.qualified_lead if agreed else None, _qualified(book))
    yield _meaning("real_touch", "Real touch", agreed.real_touch if agreed else None, _touch(book))
    for stage, (title, meant) in _STAGES.items():
        yield _meaning(stage, title, words.get(stage), _stage(book, stage, meant))


def _meaning(name: str, title: str, words: str | None, rules: Iterator[str]) -> Meaning:
    return Meaning(name=name, title=title, words=words, rules=tuple(map(sentence, rules)))


def _lead(book: Playbook, names: Names) -> Iterator[str]:
    yield (
        "whoever is captured is a lead, until found to be a test, spam, internal, a vendor or a job seeker: then it "
        "stands in no number, also backwards"
    )
    yield "the first of these that fits says what is promised, and who gets it"
    for segment in book.segments:
        why = said_of(segment.when) if segment.when else "whatever fits no other"
        yield f"“{segment.name}”: {why}; to {names.teams.get(segment.team, segment.team)}"


def _qualified(book: Playbook) -> Iterator[str]:
    rule, rest = book.qualification, book.recycling
    yield "a lead is handed to sales as soon as the buyer raises a hand, or a person or another system qualifies it"
    yield f"so it is once its score reaches {counted(rule.threshold, 'point')}"
    yield (
        f"once it was given back to marketing no score does so for {lasting(parse_duration(rest.cool_off))}, and "
        f"after {counted(rest.most_loops, 'time')} only the buyer"
    )


def _touch(book: Playbook) -> Iterator[str]:
    yield real_touch(book.real_touch)
    for place, rules in _places(book):
        if rules.real_touch is not None:
            yield f"{place}: {real_touch(rules.real_touch.on(book.real_touch))}"
    late = target(parse_working_duration(book.evidence.late_after))
    yield f"what a person writes down more than {late} of working time later is late, and keeps no promise in time"


def _stage(book: Playbook, stage: Stage, meant: str) -> Iterator[str]:
    yield meant
    limit = book.stages.get(stage)
    if limit is not None:
        yield f"a lead may stay there for {_length(book, limit)}"
    for place, rules in _places(book):
        if stage in rules.stages:
            own = rules.stages[stage]
            yield f"{place}: for {_length(book, own) if own else 'any time'}"
    for clock in _PROMISED.get(stage, ()):
        by_length: dict[str, list[str]] = {}
        for segment in book.segments:
            if clock in segment.promises:
                by_length.setdefault(_length(book, segment.promises[clock]), []).append(f"“{segment.name}”")
        if by_length:
            said = "; ".join(f"{length} for {listed(names)}" for length, names in by_length.items())
            yield f"promised from then on: {noun(clock)}, {said}"


def _places(book: Playbook) -> Iterator[tuple[str, Rules]]:
    """Where the playbook may say something otherwise than for all."""
    yield from ((f"in the segment “{segment.name}”", segment) for segment in book.segments)
    yield from ((f"of a hand-off {_KINDS[kind]}", passing) for kind, passing in book.hand_offs.items())


def _length(book: Playbook, promise: Promise) -> str:
    if promise.time == "elapsed":
        return f"{lasting(promise.length)} day and night"
    whose = {"team": " in the team's calendar", "owner": " in the owner's own hours"}
    other = f" in the {promise.calendar} calendar" if promise.calendar not in (None, book.calendar) else ""
    night = promise.if_arrived_closed
    closed = f" ({target(promise.parse(night))} from opening where it came in while closed)" if night else ""
    return f"{target(promise.length)} of working time{whose.get(promise.hours, other)}{closed}"
