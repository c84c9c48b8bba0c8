"""An explanation names everyone who was weighed for a lead, and says in plain words why each did not get it."""

from typing import Any

import pytest

from leads.explain import Explanation, explain
from leads.telling.case import open_case
from leads.telling.words import Names
from tests.builders import at, fact
from tests.leads.test_ways import BY_SKILL, POOL, ask, story
from tests.paper import PaperStory

NAMES = Names(people={"ana": "Ana", "ben": "Ben", "cleo": "Cleo"}, teams={"sales": "Sales", "closers": "Closers"})


def explained(told: PaperStory, minutes: float = 1) -> Explanation:
    return explain(told.lead, told.journal, told.shelf, at(minutes), names=NAMES)


def said(told: PaperStory, minutes: float = 1) -> list[str]:
    return [candidate.sentence for candidate in explained(told, minutes).owner.candidates]


@pytest.mark.parametrize(
    ("roster", "sentence"),
    [
        ({"max_open_leads": 20, "open_leads": 20}, "Ana had 20 open leads already, and 20 are the most."),
        ({"max_open_leads": 0}, "Ana had 0 open leads already, and 0 are the most."),
        (
            {"max_new_leads_per_day": 5, "new_today": 6},
            "Ana had been given 6 leads already, and 5 are the most that day.",
        ),
        ({"untouched": 5}, "Ana had 5 leads like this to reach out to first."),
    ],
)
def test_a_limit_is_told_with_its_figures(roster: dict[str, Any], sentence: str) -> None:
    told = story(untouched_in_hand={"hot": 5})
    told.roster = {"ana": roster}

    assert said(ask(told))[0] == sentence


def test_hours_are_told_with_the_instant() -> None:
    told = story(present="at_work")
    told.asleep_until = {"ana": at(hours=5)}
    in_time = story(present="in_time")
    in_time.asleep_until = {"ana": at(hours=5)}

    assert said(ask(told))[0] == "Ana was not at work until Mon 1 Jun 14:00."
    assert said(ask(in_time))[0] == (
        "Ana would have been too late for the first touch: not at work until Mon 1 Jun 14:00."
    )


def test_what_a_rule_asked_for_is_told_with_the_rule() -> None:
    told = story(rules=[BY_SKILL])
    told.roster = {"ben": {"skills": ("de",)}, "cleo": {"skills": ("de",), "territories": ("DE",)}}
    ask(told, language="de", country="DE")

    assert said(told)[:2] == ["Ana does not have the skill “de”.", "Ben does not cover “DE”."]
    assert "Leadloop gave it out by the rule “by skill”" in explained(told).owner.sentence


def test_the_fallback_is_told_with_the_teams() -> None:
    told = story(nobody_free={"fallback": "closers"})
    told.roster = {person: {"is_active": False} for person in ("ana", "ben", "cleo")}

    assert said(ask(told))[:2] == ["Ana of Sales has left the team.", "Ben of Sales has left the team."]
    assert "carl of Closers was chosen." in [line[:1].lower() + line[1:] for line in said(told)]


def test_by_count_it_is_told_so() -> None:
    told = ask(story(method="count"))

    assert "Ana had been given no more than the others, by weight." in explained(told).owner.sentence
    assert said(told)[1] == "Ben was free too, but had been given as many or more, by weight."


@pytest.mark.parametrize(
    ("routing", "data", "why"),
    [
        ({"assign": "by_crm"}, {}, "because the CRM gives out the leads of this team, and has not yet."),
        ({"rules": [POOL]}, {"campaign": "fair"}, "because the playbook leaves it there to be claimed."),
    ],
)
def test_why_a_lead_waits_is_told(routing: dict[str, Any], data: dict[str, Any], why: str) -> None:
    told = ask(story(**routing), at(0), **data)

    assert why in explained(told).owner.sentence
    assert ("may claim" in explained(told).owner.sentence) is (routing != {"assign": "by_crm"})


def test_a_turn_given_back_is_told() -> None:
    told = ask(story(turns_back="checkable"))
    told.step(at(5), fact("lead.disqualified", at(5), kind="not_a_lead", reason="spam"))
    [entry] = told.decided("turn_returned")

    case = open_case(told.lead, told.journal, told.shelf, at(6), NAMES)
    assert case.clause(entry) == "Ana got the turn back, since it never was a lead"
