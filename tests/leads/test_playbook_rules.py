"""Routing in a playbook that makes no sense is refused, each fault with its place."""

from typing import Any

import pytest
import yaml

from leads.playbook_check import check
from leads.playbook_names import Known, Taker
from storage.playbooks import default_text

NOBODY: tuple[Taker, ...] = ()
KNOWN = Known(
    teams=frozenset({"sales", "closers", "partners", "empty"}),
    people=frozenset(),
    takers={
        "sales": (Taker(frozenset({"german"}), frozenset({"at"})), Taker(frozenset({"french"}))),
        "closers": (Taker(),),
        "empty": NOBODY,
    },
)
WEB = {"field": "source", "op": "eq", "value": "web"}
RULE = {"name": "one", "team": "closers"}


def told(routing: dict[str, Any], teams: dict[str, Any] | None = None) -> list[str]:
    document = yaml.safe_load(default_text()) | {"routing": routing} | ({"teams": teams} if teams else {})
    return [f"{fault.place}: {fault.reason}" for fault in check(document, KNOWN)[1]]


@pytest.mark.parametrize(
    ("routing", "said"),
    [
        ({"rules": [RULE | {"team": "nowhere"}]}, "routing.rules.0.team: there is no team 'nowhere' in the roster"),
        (
            {"rules": [RULE, RULE | {"name": "two"}]},
            "routing.rules.0: without a condition it hides every rule after it",
        ),
        (
            {"rules": [RULE | {"when": WEB}, {"name": "two", "team": "sales", "when": WEB}]},
            "routing.rules.1.when: no lead gets here: whatever matches this matches rule 'one' (routing.rules.0) first",
        ),
        (
            {"rules": [RULE | {"when": WEB}, RULE]},
            "routing.rules.1.name: 'one' is named twice, first at routing.rules.0.name",
        ),
        ({"rules": [{"name": "one"}]}, "routing.rules.0: say where these leads go"),
        (
            {"rules": [{"name": "one", "queue": "q", "skills": ["x"]}]},
            "routing.rules.0.queue: nobody is chosen for a queue",
        ),
        (
            {"rules": [RULE | {"nobody_free": {"hold": "PT5M"}}]},
            "routing.rules.0.nobody_free.hold: say which team is asked afterwards, as fallback",
        ),
        (
            {"rules": [RULE | {"nobody_free": {"fallback": "closers"}}]},
            "routing.rules.0.nobody_free.fallback: that is the team itself",
        ),
        ({"rules": [RULE | {"team": "empty"}]}, "routing.rules.0.team: nobody active is in the team 'empty'"),
        ({"nobody_free": {"fallback": "empty"}}, "routing.nobody_free.fallback: nobody active is in the team 'empty'"),
        (
            {"rules": [{"name": "one", "team": "sales", "skills": ["Klingon"]}]},
            "routing.rules.0.skills: nobody active of the team 'sales' has 'klingon'",
        ),
        (
            {"rules": [{"name": "one", "team": "sales", "skills": ["French"], "territories": ["AT"]}]},
            "routing.rules.0.territories: nobody active of the team 'sales' who has the skills covers any of these",
        ),
        ({"assign": "by_crm", "rules": [RULE]}, "routing.rules: the CRM gives out the leads (assign: by_crm)"),
        ({"untouched_in_hand": {"hott": 5}}, "routing.untouched_in_hand.hott: there is no segment 'hott'"),
        ({"untouched_in_hand": {"hot": 0}}, "routing.untouched_in_hand.hot: must be greater than or equal to 1"),
        ({"method": "luck"}, "routing.method: must be 'turn' or 'count'"),
        ({"turns": 1}, "routing.turns: there is no such key"),
    ],
)
def test_a_fault_is_told_with_its_place(routing: dict[str, Any], said: str) -> None:
    assert [line for line in told(routing) if line.startswith(said)], told(routing)


def test_a_team_is_not_its_own_fallback() -> None:
    said = told({}, {"closers": {"routing": {"nobody_free": {"fallback": "closers"}}}})

    assert said == ["teams.closers.routing.nobody_free.fallback: that is the team itself: name another one"]


def test_routing_that_makes_sense_is_taken() -> None:
    rules = [
        {"name": "german", "when": {"field": "language", "op": "eq", "value": "de"}, "team": "sales",
         "skills": ["German"], "territory_of": "country", "nobody_free": {"hold": "PT30M", "fallback": "sales"}},
        {"name": "pool", "when": WEB, "queue": "web_pool"},
        {"name": "others", "skill_of": "language"},
    ]  # fmt: skip
    routing = {"rules": rules, "method": "count", "period": "month", "present": "in_time", "turns_back": "checkable",
               "untouched_in_hand": {"hot": 5}, "claim": {"by": "team", "from_colleague": "overdue"}}  # fmt: skip

    assert told(routing, {"closers": {"routing": {"assign": "by_crm"}}}) == []
