"""What a draft would do to open leads: only what differs is its doing, and nothing of the lead is changed."""

from datetime import timedelta

from leads.state import dump_state
from leads.what_if.effect import Told
from leads.what_if.plan import Plan
from tests.builders import Story, at, captured, fact, playbook, raised, shelf
from tests.leads.what_ifs import asked, weighed


def test_a_draft_that_says_the_same_touches_nothing() -> None:
    story = asked()

    effect = weighed(story, playbook(), at(5))

    assert not effect.is_touched
    assert (list(effect.moved), list(effect.started), list(effect.ended)) == ([], [], [])


def test_what_would_happen_anyway_is_not_the_draft_s_doing() -> None:
    effect = weighed(asked(), playbook(), at(20))

    assert effect.old.breaches == effect.new.breaches != frozenset()
    assert effect.old.notices == effect.new.notices
    assert not effect.is_touched


def test_a_mode_that_tells_more_has_more_notices() -> None:
    story = Story(shelf(playbook(mode="notify_owner")))
    story.step(at(0), captured(at(0)), raised(at(0)))

    effect = weighed(story, playbook(), at(15))

    assert effect.new.notices - effect.old.notices == {Told("breach", "due_channel", "channel"): 1}
    assert effect.is_touched


def test_a_lower_threshold_hands_a_lead_to_sales_at_once() -> None:
    story = Story()
    story.step(at(0), captured(at(0)))
    story.step(at(1), fact("lead.engaged", at(1), kind="page_viewed", points=30))

    effect = weighed(story, playbook(qualification={"threshold": 20}), at(5))

    assert effect.new.decisions == {"qualified": 1, "assigned": 1}
    assert effect.old.decisions == {}
    assert {each.clock for each in effect.started} >= {"assign", "first_touch"}
    assert effect.new.notices == {Told("assigned", None, "owner"): 1}


def test_a_lead_not_handed_over_yet_shows_where_it_would_come_to() -> None:
    story = Story()
    story.step(at(0), captured(at(0), source="partner_fair"))
    fair = {"name": "fair", "team": "field", "when": {"field": "source", "op": "eq", "value": "partner_fair"}}
    book = playbook()
    fair |= {key: value for key, value in book.segments[-1].model_dump(mode="json").items() if key not in fair}

    draft = book.model_copy(update={"segments": (type(book.segments[0]).model_validate(fair), *book.segments)})
    effect = weighed(story, draft, at(5))

    assert (effect.old.segment, effect.new.segment) == ("normal", "fair")
    assert (effect.old.team, effect.new.team) == ("sales", "field")


def test_history_brought_in_alarms_nobody_and_is_in_no_figure() -> None:
    story = Story()
    story.step(at(0), captured(at(0), backfill=True), fact("lead.hand_raised", at(0), kind="demo", backfill=True))

    effect = weighed(story, playbook(), at(60))

    assert [each for each in effect.old.promises.values() if not each.clock.startswith("assign")] == []


def test_weighing_leaves_the_lead_as_it_was() -> None:
    story = asked()
    before = dump_state(story.lead)

    weighed(story, playbook(mode="shadow"), at(20))

    assert dump_state(story.lead) == before


def test_a_draft_is_looked_at_when_the_newest_revision_is_in_force() -> None:
    published = shelf(playbook(), playbook())
    since = published.number(2).in_force_from

    plan = Plan.of(published, playbook(), since - timedelta(seconds=3))

    assert (plan.at, plan.base) == (since, 2)
    assert plan.draft.in_force(plan.at).number == 3
    assert plan.published.in_force(plan.at).number == 2
