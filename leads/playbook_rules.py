"""What is wrong with the routing of a playbook: rules that are never followed, or that find nobody."""

from collections.abc import Iterator, Mapping
from typing import Any

from leads.faults import Fault, Path, named, places
from leads.playbook_names import Known
from leads.playbook_routing import Assigning
from leads.playbook_segments import unreached_rules

_CHOOSY = ("skills", "territories", "skill_of", "territory_of")


def routing_faults(document: Any) -> Iterator[Fault]:
    """Rules that no lead reaches or nobody follows, fallbacks that are none, caps of segments there are not."""
    yield from unreached_rules(document)
    yield from _fallbacks(document)
    routing = document.get("routing") if isinstance(document, Mapping) else None
    if not isinstance(routing, Mapping):
        return
    is_watched = routing.get("assign") == Assigning.BY_CRM
    leads_out = [own for _, own in places(document, "teams.*.routing.assign") if own == Assigning.BY_LEADLOOP]
    if is_watched and routing.get("rules") and not leads_out:
        yield Fault(("routing", "rules"), "the CRM gives out the leads (assign: by_crm): no rule is ever asked")
    names = {part.get("name") for _, part in places(document, "segments.*") if isinstance(part, Mapping)}
    for path, _ in places(document, "routing.untouched_in_hand.*"):
        if path[-1] not in names:
            yield Fault(path, f"there is no segment {named(str(path[-1]))}")


def _fallbacks(document: Any) -> Iterator[Fault]:
    """A team that is its own fallback, though everybody of it has been asked."""
    for path, rule in places(document, "routing.rules.*"):
        fallback = _fallback(rule)
        if fallback is not None and fallback == rule.get("team") and not any(rule.get(name) for name in _CHOOSY):
            yield Fault(
                (*path, "nobody_free", "fallback"), "that is the team itself: all of it have been asked by then"
            )
    for path, own in places(document, "teams.*.routing"):
        if _fallback(own) == path[1]:
            yield Fault((*path, "nobody_free", "fallback"), "that is the team itself: name another one")


def _fallback(part: Any) -> Any:
    nobody_free = part.get("nobody_free") if isinstance(part, Mapping) else None
    return nobody_free.get("fallback") if isinstance(nobody_free, Mapping) else None


def taker_faults(document: Any, known: Known) -> Iterator[Fault]:
    """Rules and fallbacks for which the roster has nobody."""
    segment_teams = {team for _, team in places(document, "segments.*.team") if isinstance(team, str)}
    for path, rule in places(document, "routing.rules.*"):
        if isinstance(rule, Mapping):
            teams = {rule["team"]} if isinstance(rule.get("team"), str) else segment_teams
            yield from _without_takers(path, rule, teams, known)
    for pattern in ("routing.rules.*.nobody_free", "routing.nobody_free", "teams.*.routing.nobody_free"):
        for path, team in places(document, f"{pattern}.fallback"):
            if known.takers.get(team if isinstance(team, str) else "") == ():
                yield Fault(path, f"nobody active is in the team {named(str(team))}: no lead would find anybody there")


def _without_takers(path: Path, rule: Mapping[str, Any], teams: set[str], known: Known) -> Iterator[Fault]:
    asked = sorted(team for team in teams if team in known.takers)
    takers = [taker for team in asked for taker in known.takers[team]]
    whose = f"of the team {named(asked[0])}" if len(asked) == 1 else "of the segments' teams"
    if not asked or rule.get("queue") is not None:
        return
    if not takers:
        yield Fault((*path, "team"), f"nobody active is in the team {named(asked[0])}: its leads would find nobody")
        return
    skills, territories = _small(rule.get("skills")), _small(rule.get("territories"))
    able = [taker for taker in takers if skills <= taker.skills]
    if not able:
        missing = skills - frozenset().union(*(taker.skills for taker in takers))
        which = named(min(missing)) if missing else "all of these together"
        yield Fault((*path, "skills"), f"nobody active {whose} has {which}: its leads would find nobody")
    elif territories and not rule.get("territory_of") and not any(territories & taker.territories for taker in able):
        yield Fault((*path, "territories"), f"nobody active {whose} who has the skills covers any of these")


def _small(labels: Any) -> frozenset[str]:
    return frozenset(str(label).strip().lower() for label in labels) if isinstance(labels, list) else frozenset()
