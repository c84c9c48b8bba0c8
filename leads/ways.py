"""Where the playbook sends a hand-off, and what is asked of whoever gets it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from leads.business_time import BusinessTime
from leads.clocks import pauses_for
from leads.decide import Tick
from leads.playbook_routing import NobodyFree, Period, Present, Rule, Sharing
from leads.promises import ClockName
from leads.routing import AskMembers, Wanted
from leads.segments import segment_facts, segment_of
from leads.state import HandOff


@dataclass(frozen=True, slots=True)
class Way:
    """Where the playbook sends a hand-off, and what it asks of whoever gets it."""

    team: str
    sharing: Sharing
    rule: Rule | None = None
    skills: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()

    @property
    def nobody_free(self) -> NobodyFree:
        own = self.rule.nobody_free if self.rule else None
        return own or self.sharing.nobody_free

    @property
    def fallback(self) -> str | None:
        """The team to ask then; of the team itself only where not everybody of it was asked."""
        team = self.nobody_free.fallback
        return team if team != self.team or (self.rule is not None and self.rule.is_choosy) else None

    @property
    def rule_name(self) -> str | None:
        return self.rule.name if self.rule else None


def way_of(tick: Tick, hand_off: HandOff) -> Way:
    """By the first rule that holds; what is passed on inside sales stays in the team it was passed on to."""
    facts = segment_facts(tick.lead)
    rules = () if hand_off.is_inside_sales else tick.playbook.routing.rules
    rule = next((rule for rule in rules if rule.when is None or rule.when.holds(facts)), None)
    team = (rule.team if rule else None) or hand_off.team
    sharing = tick.playbook.sharing(team)
    if rule is None:
        return Way(team, sharing)
    return Way(
        team, sharing, rule,
        skills=(*rule.skills, *_said(facts, rule.skill_of)),
        territories=_said(facts, rule.territory_of) or rule.territories,
    )  # fmt: skip


def _said(facts: dict[str, object], name: str | None) -> tuple[str, ...]:
    """What the lead says there; of what is not known nothing is asked."""
    value = facts.get(name) if name else None
    return (str(value),) if value is not None and value != "" else ()


def wanted_of(tick: Tick, hand_off: HandOff, way: Way) -> tuple[Wanted, AskMembers]:
    """What the hand-off asks of whoever gets it, and the question that finds out."""
    sharing, revision = way.sharing, tick.revision
    calendar = tick.playbook.calendar_of(way.team)
    hours = revision.hours("working", calendar)
    today = _midnight(tick.at, hours)
    most_untouched = tick.playbook.routing.untouched_in_hand.get(hand_off.segment)
    wanted = Wanted(
        at=tick.at,
        sharing=sharing,
        period_from=period_from(tick, way.team),
        next_day=(today + timedelta(days=1)).astimezone(UTC),
        due_at=_touch_due_at(tick, hand_off) if sharing.present is Present.IN_TIME else None,
        skills=way.skills,
        territories=way.territories,
        most_untouched=most_untouched,
    )
    question = AskMembers(
        team=way.team,
        at=tick.at,
        day_from=today.astimezone(UTC),
        segment=hand_off.segment if most_untouched is not None else None,
        hours=None if sharing.present is Present.ANYONE else hours,
        skills=way.skills,
        territories=way.territories,
    )
    return wanted, question


def period_from(tick: Tick, team: str) -> datetime:
    """When the period began in which a team counts leads."""
    today = _midnight(tick.at, tick.revision.hours("working", tick.playbook.calendar_of(team)))
    return (today - _SINCE[tick.playbook.sharing(team).period](today)).astimezone(UTC)


def _midnight(at: datetime, hours: BusinessTime) -> datetime:
    """The last one, on the team's clocks: in their zone, so that days added to it are days of wall time."""
    return datetime.combine(at.astimezone(hours.zone).date(), time(), hours.zone)


_SINCE: dict[Period, Callable[[datetime], timedelta]] = {
    Period.DAY: lambda _local: timedelta(),
    Period.WEEK: lambda local: timedelta(days=local.weekday()),
    Period.MONTH: lambda local: timedelta(days=local.day - 1),
}
"""How long ago, at midnight, the period began."""


def _touch_due_at(tick: Tick, hand_off: HandOff) -> datetime | None:
    """By when an owner set now would have to reach out; None where nobody promises that."""
    revision = tick.revision
    promises = revision.terms(hand_off, segment_of(tick.lead, revision, hand_off)).promises
    promise = promises.get(ClockName.FIRST_TOUCH)
    if promise is None:
        return None
    term = revision.term(promise, tick.at, tick.lead.profile.get("timezone"), team=hand_off.team)
    return revision.due(term, pauses_for(tick.lead, ClockName.FIRST_TOUCH, promise.paused_by))
