"""What an edit, a move to other promises or another owner does to promises that run, beside what other systems do.

One test for each row of complaints that users have filed elsewhere; the docstring names the public issue.
"""

import pytest

from leads.running import Choice
from leads.state import Outcome
from tests.builders import Story, at, captured, fact, raised, shelf, touched
from tests.leads.editions import begun, book, clock, edited, notices, reached


def test_an_edit_recomputes_nothing_from_creation_unless_it_is_told_to() -> None:
    """zammad/zammad#5624, zammad/zammad-admin-documentation#159: every edit recomputed every item from its creation.

    4 h become 3, 2 of them used: 1 h is left, and nothing was counted anew.
    """
    story = reached(begun(edited(book("PT4H"), book("PT3H"))))

    assert (clock(story).started_at, clock(story).due_at) == (at(0), at(hours=3))


def test_an_edit_reaches_a_lead_that_nobody_saves() -> None:
    """frappe/helpdesk#2214: the edited time was not applied, or only when somebody next saved the ticket."""
    story = reached(begun(edited(book("PT4H"), book("PT3H"))))

    story.sleep_until(at(hours=3))

    assert ("breach", "due") in notices(story)


@pytest.mark.parametrize(
    ("choice", "due"),
    [
        (Choice.CARRY, at(hours=3)),  # SaaSJet's linked goals: 2 h used of 3, 1 h left
        (Choice.KEEP, at(hours=4)),  # Plain.com, Dittofeed: what runs keeps its deadline
        (Choice.RESTART, at(hours=5)),
        (Choice.NEW_LEADS_ONLY, at(hours=4)),  # Frappe CRM: frozen
    ],
)
def test_the_admin_chooses_what_an_edit_does(choice: Choice, due: object) -> None:
    """Each system has one of these built in; none lets its admin choose (glpi-project/glpi#15605)."""
    assert clock(reached(begun(edited(book("PT4H"), book("PT3H"), choice=choice)))).due_at == due


def test_a_promise_taken_out_of_the_playbook_alarms_nobody_any_more() -> None:
    """zammad/zammad#4353: a deactivated SLA kept escalating."""
    story = reached(begun(edited(book("PT4H"), book(None))))
    before = len(notices(story))

    story.sleep_until(at(days=3))

    assert clock(story).outcome is Outcome.CANCELLED
    assert notices(story)[before:] == []


def test_an_edit_that_would_break_promises_at_once_breaks_none_unseen() -> None:
    """Margince derives breaches on read: an edit turns them on retroactively. Here they are held."""
    story = reached(begun(edited(book("PT4H"), book("PT1H"))))

    assert (clock(story).due_at, story.decided("breach_announced")) == (at(hours=4), [])


def test_a_pause_survives_the_edit() -> None:
    """glpi-project/glpi#6902, #15605: the pause was lost when the policy was switched."""
    rules = {"snooze_before_touch": True}
    story = begun(edited(book("PT4H", **rules), book("PT3H", **rules)))
    story.step(at(hours=1), fact("lead.snoozed", at(hours=1), until=at(hours=1.5).isoformat()))

    assert clock(reached(story)).due_at == at(hours=3.5)


def test_a_rung_that_has_fired_does_not_fire_again_after_an_edit() -> None:
    """A hold in LeanData leaves by its expired edge again; here half an hour to go was said once."""
    story = begun(edited(book("PT3H"), book("PT4H")))
    story.sleep_until(at(90))

    reached(story)
    story.sleep_until(at(hours=4) - (at(1) - at(0)))

    assert [rung for _, rung in notices(story) if rung == "half"] == ["half"]


def test_moved_to_tighter_promises_the_earlier_due_wins() -> None:
    """Frappe CRM never picks a policy again; Zammad recomputes from creation. Raised at 10:00, due at 10:15."""
    story = Story()
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))

    story.step(at(60), raised(at(60)))

    assert clock(story).due_at == at(75)
    assert clock(story, "speed_to_lead").started_at == at(60)


def test_another_team_has_a_clock_of_its_own_and_the_first_s_use_is_not_its_fault() -> None:
    """glpi-project/glpi#1911: the second group inherited a spent clock."""
    story = begun(shelf(book("PT4H")))

    story.step(at(hours=3), fact("lead.assigned", at(hours=3), owner="zoe", team="west"))

    assert (clock(story).owner, clock(story).started_at, clock(story).due_at) == ("zoe", at(hours=3), at(hours=7))


def test_a_swap_inside_the_team_buys_no_time() -> None:
    """osTicket/osTicket-1.7#606 asked for both: to keep the clock on transfer, or to switch it."""
    story = begun(shelf(book("PT4H")))

    story.step(at(hours=3), fact("lead.assigned", at(hours=3), owner="ben"))

    assert (clock(story).owner, clock(story).due_at) == ("ben", at(hours=4))


def test_the_buyer_s_clock_never_starts_over() -> None:
    """chatwoot/chatwoot#13515: a clock per owner, beside one of the customer that never resets."""
    promised = book("PT4H", promises={"speed_to_lead": {"target": "PT6H"}})
    story = begun(shelf(promised))
    story.step(at(1), raised(at(1)))

    story.step(at(hours=2), fact("lead.assigned", at(hours=2), owner="zoe", team="west"))

    assert clock(story, "speed_to_lead").started_at == at(1)
    assert clock(story).started_at == at(hours=2)


def test_rolled_back_every_promise_is_due_when_it_was() -> None:
    """LeanData cancels holds when a graph is changed back; here nothing used is lost."""
    story = reached(begun(edited(book("PT4H"), book("PT3H30M"), book("PT4H"))), at(hours=2.5), 2)

    story.adopts = story.adopts | {3}
    story.step(at(hours=3))

    assert clock(story).due_at == at(hours=4)


def test_a_touch_before_the_edit_stays_a_promise_kept() -> None:
    """frappe/helpdesk#2449, #3776: items were failed again when times were recomputed."""
    story = begun(edited(book("PT4H"), book("PT1H"), choice=Choice.RESTART))
    story.step(at(90), touched(at(90)))

    reached(story)

    assert clock(story).outcome is Outcome.MET
