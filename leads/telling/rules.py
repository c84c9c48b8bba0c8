"""Under which rules a lead lives: the playbook's revision, the segment and why it is in it, what counts as a touch."""

from datetime import datetime

from pydantic import Field

from leads.conditions import Condition, Op
from leads.events import HandOffKind
from leads.playbook_teams import NoticeMode
from leads.reaching import touch_rule
from leads.telling.case import Case, Told
from leads.telling.keeping import real_touch
from leads.telling.words import listed, sentence

_COMPARED = {
    Op.EQ: "is",
    Op.NE: "is not",
    Op.GT: "is above",
    Op.GE: "is at least",
    Op.LT: "is below",
    Op.LE: "is at most",
    Op.CONTAINS: "contains",
    Op.STARTS_WITH: "starts with",
}
_QUIET = {
    NoticeMode.SHADOW: "{team} stands in shadow: promises run, but nobody is told, and the CRM says whose a lead is.",
    NoticeMode.NOTIFY_OWNER: "{team} tells owners only: nobody above them hears.",
}
_WHILE = {
    HandOffKind.REP_TO_CLOSER: "while a closer has it",
    HandOffKind.TO_PARTNER: "while a partner has it",
    HandOffKind.RETURNED: "since it was given back",
}


class RulesStory(Told):
    """The rules a hand-off runs under."""

    revision: int
    newest_revision: int
    in_force_from: datetime
    segment: str | None
    timezone: str
    mode: NoticeMode = Field(description="How much is told of it now: shadow, notify_owner or full.")
    sentence: str
    real_touch: str


def rules_of(case: Case) -> RulesStory:
    """The revision, the segment with its condition, and the rule of the real touch."""
    revision, hand_off = case.revision, case.hand_off
    book = revision.playbook
    said = f"Revision {revision.number} of the playbook"
    if hand_off is not None:
        condition = book.segment(hand_off.segment).when
        why = f"because {said_of(condition)}" if condition else "the one for all leads that fit no other"
        said += f", segment “{hand_off.segment}” ({why})"
        if book.passing(hand_off.kind) is not None:
            said += f"; {_WHILE[hand_off.kind]}, other promises hold"
    latest = case.shelf.latest
    newer = (
        f" Revision {latest} has been published since; running promises go by the revision that each of them names."
        if latest > revision.number
        else ""
    )
    return RulesStory(
        revision=revision.number,
        newest_revision=latest,
        in_force_from=revision.in_force_from,
        segment=hand_off.segment if hand_off else None,
        timezone=str(case.words.zone),
        mode=case.mode,
        sentence=" ".join(part for part in (f"{said}.{newer}", quiet_of(case)) if part),
        real_touch=real_touch(touch_rule(case.life, revision)),
    )


def quiet_of(case: Case) -> str:
    """That a lead's team is told less than all of it; empty: it is told all, or the lead has ended."""
    if case.mode not in _QUIET or not case.lead.is_open:
        return ""
    team = case.words.team(case.hand_off.team) if case.hand_off else "the playbook"
    return sentence(_QUIET[case.mode].format(team=team))


def said_of(condition: Condition) -> str:
    """A condition in words: `source is webinar or trade show`."""
    if condition.all_of is not None:
        return listed(map(said_of, condition.all_of))
    if condition.any_of is not None:
        return listed(map(said_of, condition.any_of), "or")
    if condition.negated is not None:
        return f"it is not so that {said_of(condition.negated)}"
    return _test(condition)


def _test(condition: Condition) -> str:
    field = (condition.field or "").removeprefix("attributes.").replace("_", " ")
    if condition.op in (Op.PRESENT, Op.ABSENT):
        if condition.field == "raised_hand":
            return "the buyer raised a hand" if condition.op is Op.PRESENT else "the buyer has not raised a hand"
        return f"the {field} is {'known' if condition.op is Op.PRESENT else 'not known'}"
    if condition.op in (Op.IN, Op.NOT_IN) and isinstance(condition.value, tuple):
        values = listed((str(value).replace("_", " ") for value in condition.value), "or")
        return f"the {field} {'is' if condition.op is Op.IN else 'is not'} {values}"
    return f"the {field} {_COMPARED[condition.op]} {str(condition.value).replace('_', ' ')}"
