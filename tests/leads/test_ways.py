"""Where leads go by the playbook's rules: teams, queues, skills, the fallback, and where the CRM gives leads out."""

from datetime import datetime
from typing import Any

import pytest

from leads.decisions import Assigned, Queued
from tests.builders import at, captured, fact, playbook, raised, shelf, touched
from tests.leads.laws import every_decision_comes_out_again
from tests.paper import PaperStory

GERMAN = {"name": "german", "when": {"field": "language", "op": "eq", "value": "de"}, "team": "closers"}
POOL = {"name": "pool", "when": {"field": "campaign", "op": "eq", "value": "fair"}, "queue": "fair_pool"}
BY_SKILL = {"name": "by_skill", "skill_of": "language", "territory_of": "country"}


def story(teams: dict[str, Any] | None = None, **routing: Any) -> PaperStory:
    return PaperStory(shelf(playbook(routing=routing, teams=teams or {})))


def assigned(told: PaperStory) -> Assigned:
    return [entry.data for entry in told.decided("assigned") if isinstance(entry.data, Assigned)][-1]


def queued(told: PaperStory) -> list[Queued]:
    return [entry.data for entry in told.decided("queued") if isinstance(entry.data, Queued)]


def ask(told: PaperStory, now: datetime = at(0), **data: Any) -> PaperStory:  # noqa: B008  an instant never changes
    told.step(now, captured(now, **data), raised(now))
    every_decision_comes_out_again(told)
    return told


@pytest.mark.parametrize(
    ("data", "owner", "team", "rule"),
    [({"language": "de"}, "carl", "closers", "german"), ({"language": "fr"}, "ana", "sales", None)],
)
def test_the_first_rule_that_holds_names_the_team(
    data: dict[str, Any], owner: str, team: str, rule: str | None
) -> None:
    told = ask(story(rules=[GERMAN]), **data)

    decision = assigned(told)
    assert (decision.owner, decision.team, decision.rule) == (owner, team, rule)
    assert told.lead.hand_offs[-1].team == team


def test_a_rule_may_leave_leads_in_a_queue_to_be_claimed() -> None:
    told = ask(story(rules=[POOL]), campaign="fair")

    hand_off = told.lead.hand_offs[-1]
    assert hand_off.owner is None
    assert (hand_off.queue, hand_off.team, hand_off.queue_why) == ("fair_pool", "sales", "rule")
    told.sleep_until(at(days=2))
    assert told.lead.hand_offs[-1].owner is None  # it is for people to take
    assert told.give(at(days=2), "claim", "ben").refusal is None
    assert told.lead.owner == "ben"


def test_skills_and_territories_are_those_the_lead_asks_for() -> None:
    told = story(rules=[BY_SKILL])
    told.roster = {
        "ben": {"skills": ("de",), "territories": ("AT",)},
        "cleo": {"skills": ("de",), "territories": ("DE",)},
    }
    ask(told, language="de", country="DE")

    assert [(c.person, c.skipped) for c in assigned(told).candidates] == [
        ("ana", "lacks_skill"), ("ben", "other_territory"), ("cleo", None),
    ]  # fmt: skip
    anyone = ask(story(rules=[BY_SKILL]))  # of what the lead does not say nothing is asked
    assert anyone.lead.owner == "ana"


def test_the_fallback_is_asked_at_once_where_nothing_is_said_of_waiting() -> None:
    told = story(nobody_free={"fallback": "closers"})
    told.absent = {"ana", "ben", "cleo"}
    ask(told)

    decision = assigned(told)
    assert (decision.owner, decision.team) == ("carl", "closers")
    assert [(c.person, c.team, c.skipped) for c in decision.candidates][:4] == [
        ("ana", "sales", "absent"), ("ben", "sales", "absent"), ("cleo", "sales", "absent"), ("carl", "closers", None),
    ]  # fmt: skip


def test_it_waits_so_long_for_its_team_before_the_fallback_is_asked() -> None:
    told = story(nobody_free={"fallback": "closers", "hold": "PT40M"})
    told.absent = {"ana", "ben", "cleo"}
    ask(told)
    told.sleep_until(at(39))
    assert told.lead.owner is None
    assert [clock.clock for clock in told.lead.running() if clock.clock == "assign"] == ["assign"]

    told.sleep_until(at(40))

    decision = assigned(told)
    assert (decision.owner, decision.team) == ("carl", "closers")
    every_decision_comes_out_again(told)


def test_the_fallback_of_a_choosy_rule_may_be_the_team_itself() -> None:
    rule = {"name": "german", "team": "sales", "skills": ["german"], "nobody_free": {"fallback": "sales"}}
    told = ask(story(rules=[rule]))

    assert assigned(told).owner == "ana"
    assert [c.skipped for c in assigned(told).candidates] == ["lacks_skill"] * 3 + [None] * 3


def test_it_wakes_as_the_first_comes_to_work_and_not_before() -> None:
    told = story(present="at_work")
    told.asleep_until = {"ana": at(hours=5), "ben": at(hours=2, minutes=7), "cleo": at(hours=9)}
    ask(told)
    [waits] = queued(told)
    assert (waits.retry_at, waits.looks[0]) == (None, at(hours=2, minutes=7))
    told.roster["ben"] = {"max_open_leads": 1, "open_leads": 1}  # filled up in the night
    looked = []
    while told.turn is not None and told.turn.wake_at is not None and told.lead.owner is None:
        looked.append(told.turn.wake_at)
        told.step(told.turn.wake_at)

    assert at(hours=2, minutes=7) in looked
    assert (told.lead.owner, looked[-1]) == ("ana", at(hours=5))


def test_who_will_be_in_time_may_have_it_as_well() -> None:
    told = story(present="in_time")  # the first touch is due in 15 minutes
    told.asleep_until = {"ana": at(15), "ben": at(14), "cleo": at(20)}
    ask(told)

    assert told.lead.owner == "ben"
    assert [c.skipped for c in assigned(told).candidates] == ["too_late", None, "too_late"]


def test_a_team_may_share_in_a_way_of_its_own() -> None:
    told = story({"closers": {"routing": {"present": "at_work"}}}, rules=[GERMAN])
    told.asleep_until = {"carl": at(90), "cora": at(80), "ana": at(90)}

    assert ask(told, language="de").lead.owner is None
    told.sleep_until(at(80))
    assert told.lead.owner == "cora"


def test_where_the_crm_assigns_nobody_is_routed_and_an_unassigned_lead_still_alarms() -> None:
    told = ask(story(assign="by_crm"))
    assert (told.lead.owner, told.lead.hand_offs[-1].queue_why) == (None, "crm_assigns")
    assert told.notices() == []  # nobody is told that it waits: the CRM has only begun

    told.sleep_until(at(10))
    assert [(template, to) for template, to in told.notices() if template == "breach"] == [
        ("breach", ("team:sales", "team_manager:sales")),
    ]  # fmt: skip
    told.step(at(11), fact("lead.assigned", at(11), owner="ben"))
    assert told.lead.owner == "ben"
    told.sleep_until(at(days=3))
    assert told.lead.hand_offs[-1].owner == "ben"  # and no ladder takes it from him
    every_decision_comes_out_again(told)


@pytest.mark.parametrize(("command", "said"), [("claim", "take it there"), ("reassign", "reassign it there")])
def test_where_the_crm_assigns_it_is_to_be_asked(command: str, said: str) -> None:
    told = ask(story(assign="by_crm"))

    turn = told.give(at(1), command, "ana", **({"owner": "ben"} if command == "reassign" else {}))

    assert turn.refusal is not None
    assert said in turn.refusal


@pytest.mark.parametrize(
    ("policy", "now", "actor", "said"),
    [
        ("never", at(5), "ben", "it belongs to ana"),
        ("untouched", at(5), "ben", None),
        ("untouched", at(5), "carl", "for the team sales"),
        ("overdue", at(5), "ben", "still has time"),
        ("overdue", at(16), "ben", None),
    ],
)
def test_an_untouched_colleagues_lead_is_claimed_as_the_policy_says(
    policy: str, now: datetime, actor: str, said: str | None
) -> None:
    told = ask(story(claim={"from_colleague": policy}))
    due = {clock.key: clock.due_at for clock in told.lead.running() if clock.clock == "speed_to_lead"}
    told.sleep_until(now)

    refusal = told.give(now, "claim", actor).refusal

    assert (refusal is None) if said is None else (refusal is not None and said in refusal)
    assert {c.key: c.due_at for c in told.lead.running() if c.clock == "speed_to_lead"} == due  # the buyer's stays


def test_a_touched_lead_stays_with_its_owner() -> None:
    told = ask(story(claim={"from_colleague": "untouched"}))
    told.step(at(3), touched(at(3), by="ana"))

    assert told.give(at(4), "claim", "ben").refusal == "it belongs to ana; ask for a reassign"


@pytest.mark.parametrize(
    ("policy", "ending", "why"),
    [
        ("checkable", fact("lead.rejected", at(5), by="ana", reason="duplicate"), "duplicate"),
        ("checkable", fact("lead.rejected", at(5), by="ana", reason="wrong_territory"), "wrong_territory"),
        ("checkable", fact("lead.disqualified", at(5), kind="not_a_lead", reason="spam"), "not_a_lead"),
        ("not_a_lead", fact("lead.disqualified", at(5), kind="not_a_lead", reason="spam"), "not_a_lead"),
        ("not_a_lead", fact("lead.rejected", at(5), by="ana", reason="duplicate"), None),
        ("checkable", fact("lead.rejected", at(5), by="ana", reason="no_fit"), None),  # that took a call
        ("checkable", fact("lead.won", at(5), by="ana"), None),
        ("never", fact("lead.disqualified", at(5), kind="not_a_lead", reason="spam"), None),
        ("checkable", fact("lead.disqualified", at(days=40), kind="not_a_lead", reason="spam"), None),  # long ago
    ],
)
def test_which_endings_give_the_turn_back(policy: str, ending: Any, why: str | None) -> None:
    told = ask(story(turns_back=policy))
    told.sleep_until(ending.effective_at)
    told.step(ending.effective_at, ending)
    told.step(ending.effective_at.replace(second=30))

    back = [(e.data.owner, e.data.why) for e in told.decided("turn_returned")]  # type: ignore[attr-defined]  # by type
    assert back == ([("ana", why)] if why and not ending.effective_at > at(days=30) else [])
    every_decision_comes_out_again(told)
