"""A lead and its account: found as soon as the company is known, felt in the segment, followed while untouched."""

from typing import Any

import pytest

from leads.accounts import AccountFacts
from leads.decisions import Assigned, OwnerKept, OwnerStanding, RecentOwner
from leads.entries import Entry
from leads.explain import explain
from leads.playbook_accounts import Accounts
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched
from tests.retaken import retaken

ACME = AccountFacts(account="a-1", key="domain:acme.com", owner="carl", type="customer")


def story_with(account: AccountFacts | None = ACME, **policy: Any) -> Story:
    story = Story(shelf(playbook().model_copy(update={"accounts": Accounts(**policy)})))
    if account is not None:
        story.accounts = {"domain:acme.com": account, "account:ACME-1": account}
    return story


def changed(when: float, account: str = "a-1") -> Entry:
    return fact("account.changed", at(when), account=account, sender="urn:leadloop:accounts")


def matched(story: Story) -> list[tuple[str | None, Any]]:
    """The accounts it was found to belong to, and when that counts."""
    return [(e.data.account, e.effective_at) for e in story.decided("account.matched")]  # type: ignore[attr-defined]  # by type


def is_sound(story: Story) -> bool:
    """Whether the journal folds to the state, and the audit agrees."""
    assert story.refolded_with_tick() == story.lead
    return not [one.difference for one in retaken("lead-1", story.journal, story.shelf) if one.difference]


def test_a_customer_who_raises_a_hand_is_known_at_that_instant() -> None:
    story = story_with()

    story.step(at(1), captured(at(0), email="jane@acme.com"), raised(at(0)))

    assert matched(story) == [("a-1", at(0))]
    assert story.lead.hand_offs[0].segment == "known"
    assert is_sound(story)


def test_an_address_anybody_can_have_matches_nobody() -> None:
    story = story_with()
    story.accounts["domain:gmail.com"] = ACME

    story.step(at(1), captured(at(0), email="jane@gmail.com"), raised(at(0)))

    assert (matched(story), story.lead.hand_offs[0].segment) == ([], "hot")


def test_a_link_to_an_account_counts_from_when_it_was_told() -> None:
    story = story_with()
    story.step(at(1), captured(at(0)), raised(at(0)))
    due_at = next(clock.due_at for clock in story.lead.running() if clock.clock == "first_touch")

    story.step(at(5), fact("lead.linked", at(4), account="ACME-1"))

    assert matched(story) == [("a-1", at(4))]
    assert story.lead.hand_offs[0].segment == "known"
    # promises only come nearer
    assert next(clock.due_at for clock in story.lead.running() if clock.clock == "first_touch") == due_at
    assert is_sound(story)


def test_what_was_told_before_the_capture_counts_too() -> None:
    story = story_with()
    story.step(at(1), fact("lead.linked", at(0), account="ACME-1"))

    story.step(at(3), captured(at(2)), raised(at(2)))

    assert [account for account, _ in matched(story)] == ["a-1"]
    assert story.lead.account is not None
    assert is_sound(story)


def test_nothing_new_is_noted_once() -> None:
    story = story_with()
    story.step(at(1), captured(at(0), domain="acme.com"))
    story.step(at(3), fact("lead.updated", at(2), domain="www.acme.com", company="Acme"))
    story.step(at(5), changed(4))

    assert len(matched(story)) == 1


def test_a_lead_hears_of_a_change_and_of_the_end() -> None:
    story = story_with()
    story.step(at(1), captured(at(0), domain="acme.com"))
    story.accounts = {"domain:acme.com": ACME.model_copy(update={"type": "prospect"})}
    story.step(at(5), changed(4))
    story.accounts = {}
    story.step(at(7), changed(6))

    assert matched(story) == [("a-1", at(0)), ("a-1", at(4)), (None, at(6))]
    assert story.lead.account is None
    assert is_sound(story)


def test_whoever_works_on_a_deal_comes_before_whoever_looks_after_the_customer() -> None:
    story = story_with(ACME.model_copy(update={"open_opportunity_owner": "zoe"}))
    story.step(at(1), captured(at(0), domain="acme.com"), raised(at(0)))

    assert story.lead.owner == "zoe"
    assert is_sound(story)


@pytest.mark.parametrize(
    ("account", "policy", "recent", "owner"),
    [
        ({}, {}, None, "carl"),  # a customer: whoever looks after it
        ({"type": "prospect"}, {}, None, "ana"),  # nobody's yet: by turn
        ({"type": "prospect", "named": True}, {}, None, "carl"),
        ({}, {"owner_order": ["recent_owner"]}, None, "ana"),
        ({}, {"customer_types": ["client"]}, None, "ana"),
        ({"type": None}, {"recent_for": "P30D"}, "cleo", "cleo"),
        ({}, {"recent_for": "P30D"}, "cleo", "carl"),
        ({"type": None}, {}, "cleo", "ana"),  # not asked for
    ],
)
def test_the_owner_order_is_the_playbooks(
    account: dict[str, Any], policy: dict[str, Any], recent: str | None, owner: str
) -> None:
    story = story_with(ACME.model_copy(update=account), **policy)
    story.recent_owner = RecentOwner(person=recent, team="sales") if recent else None

    story.step(at(1), captured(at(0), domain="acme.com"), raised(at(0)))

    assert story.lead.owner == owner
    assert is_sound(story)


def test_whoever_is_away_or_unknown_is_stood_in_for_or_passed_over() -> None:
    story = story_with(ACME.model_copy(update={"open_opportunity_owner": "stranger"}))
    story.standings = {
        "stranger": OwnerStanding(person="stranger", is_known=False),
        "carl": OwnerStanding(person="carl", is_active=False, deputy="cleo"),
    }

    story.step(at(1), captured(at(0), domain="acme.com"), raised(at(0)))

    assert story.lead.owner == "cleo"
    said = explain(story.lead, story.journal, story.shelf, at(2)).owner.sentence
    assert "cleo stands in for carl, who looks after the company, a customer" in said
    assert is_sound(story)


def given_in_turn(**policy: Any) -> Story:
    """A hot lead of a company nobody knows, given to Ana."""
    story = story_with(None, **policy)
    story.step(at(1), captured(at(0), domain="acme.com"), raised(at(0)))
    assert story.lead.owner == "ana"
    story.accounts = {"domain:acme.com": ACME}
    return story


def test_an_untouched_lead_follows_its_account_to_the_owner_it_has_got() -> None:
    story = given_in_turn()

    story.step(at(5), changed(5))

    assert (story.lead.owner, story.lead.hand_offs[0].cause) == ("carl", "account")
    [move] = [e.data for e in story.decided("assigned") if isinstance(e.data, Assigned) and e.data.company][-1:]
    assert move.company is not None
    assert (move.company.chosen, [s.person for s in move.company.asked]) == ("customer", ["carl"])
    assert is_sound(story)


@pytest.mark.parametrize("why", ["touched", "by_hand", "switched_off"])
def test_a_lead_stays_where_somebody_has_a_say_in_it(why: str) -> None:
    story = given_in_turn(follow_changes=why != "switched_off")
    if why == "touched":
        story.step(at(2), touched(at(2)))
    if why == "by_hand":
        story.give(at(2), "reassign", "mira", owner="ben")
    owner = story.lead.owner

    story.step(at(5), changed(5))

    assert story.lead.owner == owner
    assert is_sound(story)


def test_whose_account_it_is_and_is_away_the_deputy_has_it() -> None:
    story = given_in_turn()
    story.standings["carl"] = OwnerStanding(person="carl", away_until=at(days=9), deputy="cleo")

    story.step(at(5), changed(5))

    assert story.lead.owner == "cleo"
    assert is_sound(story)


def test_with_nobody_there_for_the_account_the_lead_stays_and_that_is_kept() -> None:
    story = given_in_turn()
    story.standings["carl"] = OwnerStanding(person="carl", is_active=False)

    story.step(at(5), changed(5))
    made = len(story.journal)
    story.step(at(6))

    assert (story.lead.owner, len(story.journal)) == ("ana", made)
    assert [e.data.why for e in story.decided("owner_kept") if isinstance(e.data, OwnerKept)] == ["account"]
    assert is_sound(story)
