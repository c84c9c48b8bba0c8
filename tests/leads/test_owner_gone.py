"""An owner who goes away or leaves: which leads move, to whom, and what stays as it was."""

from datetime import datetime
from typing import Any

import pytest

from leads.decisions import Assigned, OwnerKept, OwnerStanding, Queued
from leads.playbook_people import Absences, Leavers
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched
from tests.retaken import retaken

AWAY_UNTIL, BEGAN, HEARD = at(days=7), at(2), at(3)


def gone(person: str = "ana", when: datetime = HEARD, until: datetime = AWAY_UNTIL) -> Any:
    return fact("owner.away", when, person=person, absence="a-1", until=until, sender="urn:leadloop:roster")


def left(person: str = "ana", when: datetime = HEARD) -> Any:
    return fact("owner.left", when, person=person, sender="urn:leadloop:roster")


def away(person: str = "ana", until: datetime = AWAY_UNTIL, since: datetime = BEGAN, **more: Any) -> OwnerStanding:
    return OwnerStanding(person=person, away_from=since, away_until=until, **more)


def owned_by_ana(**rules: Any) -> Story:
    """A hot lead of Ana's, given to her at 09:01; nobody has reached out."""
    absences = Absences(untouched="reassign").model_copy(update=rules.pop("absences", {}))
    leavers = Leavers().model_copy(update=rules.pop("leavers", {}))
    story = Story(shelf(playbook().model_copy(update={"absences": absences, "leavers": leavers})))
    story.step(at(1), captured(at(0)), *rules.pop("more", [raised(at(0))]))
    assert story.lead.owner == "ana"
    return story


def goes_away(story: Story, standing: OwnerStanding | None = None, *, now: datetime = HEARD) -> Story:
    story.absent.add("ana")
    story.standings["ana"] = standing or away()
    story.step(now, gone(when=now, until=story.standings["ana"].away_until or AWAY_UNTIL))
    return story


def leaves(story: Story, **stand_ins: Any) -> Story:
    story.absent.add("ana")
    story.standings["ana"] = OwnerStanding(person="ana", is_active=False, **stand_ins)
    story.step(at(3), left())
    return story


def moved(story: Story) -> tuple[str | None, str | None, bool]:
    """The owner now, why, and whether the audit agrees."""
    agreed = not [r.difference for r in retaken("lead-1", story.journal, story.shelf) if r.difference]
    assert story.refolded_with_tick() == story.lead
    cause = story.lead.hand_offs[-1].cause
    return story.lead.owner, str(cause) if cause else None, agreed


def test_an_untouched_lead_goes_to_the_next_in_turn_and_what_was_promised_goes_on() -> None:
    story = owned_by_ana()
    before = {clock.key: clock.due_at for clock in story.lead.running()}

    goes_away(story)

    assert moved(story) == ("ben", "absence", True)
    assert {clock.key: clock.due_at for clock in story.lead.running()} == before
    assert {clock.owner for clock in story.lead.running()} == {"ben"}
    assert story.notices() == [("assigned", ("owner:ana",)), ("taken_over", ("owner:ben",))]


@pytest.mark.parametrize(
    ("policy", "deputy", "owner"),
    [
        ("reassign", "cleo", "ben"),
        ("deputy", "cleo", "cleo"),
        ("deputy", None, "ben"),  # nobody stands in: the next in turn
        ("keep", "cleo", "ana"),
    ],
)
def test_where_an_untouched_lead_goes_is_the_playbooks(policy: str, deputy: str | None, owner: str) -> None:
    story = goes_away(owned_by_ana(absences={"untouched": policy}), away(deputy=deputy))

    assert moved(story)[::2] == (owner, True)


@pytest.mark.parametrize(("policy", "deputy", "owner"), [("keep", "cleo", "ana"), ("deputy", "cleo", "cleo"),
                                                         ("deputy", None, "ana")])  # fmt: skip
def test_a_lead_at_work_waits_or_goes_to_the_deputy(policy: str, deputy: str | None, owner: str) -> None:
    story = owned_by_ana(absences={"touched": policy})
    story.step(at(2), touched(at(2), connected=True))

    goes_away(story, away(deputy=deputy))

    assert moved(story)[::2] == (owner, True)
    assert story.lead.stage == "working"
    assert ("taken_over" in dict(story.notices())) is (owner == "cleo")


@pytest.mark.parametrize(
    ("hours", "raised_hand", "rules", "owner", "why"),
    [
        (2, True, {}, "ben", None),  # first touch is due after 15 minutes
        (2, True, {"in_time": False}, "ana", "short"),
        (2, False, {}, "ana", "short"),  # 8 working hours until then
        (4, False, {}, "ben", None),  # as long as counts
        (2, False, {"shortest": "PT1H"}, "ben", None),
    ],
)
def test_of_a_short_absence_only_what_cannot_wait_moves(
    hours: int,
    raised_hand: bool,  # noqa: FBT001  a column
    rules: dict[str, Any],
    owner: str,
    why: str | None,
) -> None:
    more = [raised(at(0))] if raised_hand else [fact("lead.qualified", at(0))]
    story = goes_away(owned_by_ana(absences=rules, more=more), away(until=at(2, hours=hours)))

    assert moved(story)[::2] == (owner, True)
    assert [e.data.why for e in story.decided("owner_kept") if isinstance(e.data, OwnerKept)] == ([why] if why else [])


def test_a_lead_that_waited_for_its_owner_moves_once_a_raised_hand_cannot() -> None:
    story = goes_away(owned_by_ana(more=[fact("lead.qualified", at(0))]), away(until=at(hours=3)))
    assert story.lead.owner == "ana"

    story.step(at(30), raised(at(30)))

    assert moved(story) == ("ben", "absence", True)


def test_in_shadow_nothing_moves_and_it_is_noted() -> None:
    story = Story(shelf(playbook(mode="shadow")))
    story.step(at(1), captured(at(0)), fact("lead.assigned", at(0), owner="ana"))

    leaves(story)

    assert moved(story)[::2] == ("ana", True)
    assert [e.data.why for e in story.decided("owner_kept") if isinstance(e.data, OwnerKept)] == ["shadow"]


def test_nothing_moves_when_the_owner_is_back_before_the_move() -> None:
    story = owned_by_ana()
    story.step(at(3), gone())  # the roster says she is here: taken back, or over

    assert moved(story)[::2] == ("ana", True)
    assert [e.data.why for e in story.decided("owner_kept") if isinstance(e.data, OwnerKept)] == ["back"]
    assert len(story.notices()) == 1


def test_word_of_somebody_who_is_not_the_owner_any_more_says_nothing() -> None:
    story = goes_away(owned_by_ana())
    made = len(story.journal)

    story.standings["ana"] = away()
    story.step(at(4), gone(when=at(4), until=at(days=9)))

    assert (moved(story)[0], len(story.journal)) == ("ben", made + 1)


def test_word_that_comes_twice_moves_it_once() -> None:
    story = goes_away(owned_by_ana())
    story.standings["ben"] = away("ben")
    story.step(at(5), gone("ben", when=at(5)))

    assert moved(story)[0] == "cleo"
    assert len(story.decided("assigned")) == 3


def test_whoever_was_only_away_can_have_it_again() -> None:
    story = goes_away(owned_by_ana())
    story.absent = {"ben", "cleo"}
    story.standings["ben"] = away("ben")

    story.step(at(5), gone("ben", when=at(5)))

    assert moved(story)[0] == "ana"


def test_nobody_free_puts_it_into_the_queue_with_the_promise_to_assign_it() -> None:
    story = owned_by_ana()
    story.absent = {"ben", "cleo"}
    goes_away(story)

    [queued] = [e.data for e in story.decided("queued") if isinstance(e.data, Queued)]
    assert (queued.why, queued.was, story.lead.owner, story.lead.stage) == ("owner_away", "ana", None, "qualified")
    assert "assign" in {str(clock.clock) for clock in story.lead.running()}
    assert moved(story)[2]
    story.absent = {"ana"}
    story.sleep_until(at(30))
    assert story.lead.owner in ("ben", "cleo")


@pytest.mark.parametrize(
    ("worked", "policy", "stand_ins", "owner"),
    [
        (False, {}, {"deputy": "cleo"}, "ben"),
        (False, {"untouched": "deputy"}, {"deputy": "cleo"}, "cleo"),
        (False, {"untouched": "manager"}, {"manager": "mira"}, "mira"),
        (True, {}, {"deputy": "cleo", "manager": "mira"}, "cleo"),
        (True, {}, {"manager": "mira"}, "mira"),
        (True, {}, {}, "ben"),
        (True, {"touched": "manager"}, {"deputy": "cleo", "manager": "mira"}, "mira"),
        (True, {"touched": "reassign"}, {"deputy": "cleo"}, "ben"),
    ],
)
def test_who_has_left_owns_nothing(
    worked: bool,  # noqa: FBT001  a column
    policy: dict[str, str],
    stand_ins: dict[str, str],
    owner: str,
) -> None:
    story = owned_by_ana(leavers=policy)
    if worked:
        story.step(at(2), touched(at(2), connected=True))

    leaves(story, **stand_ins)

    assert moved(story) == (owner, "left", True)
    assert story.lead.stage == ("working" if worked else "assigned")


def test_with_nobody_there_at_all_a_leavers_lead_waits_in_the_queue() -> None:
    story = owned_by_ana()
    story.absent = {"ben", "cleo"}

    leaves(story)

    assert (moved(story)[0], story.lead.hand_offs[0].queue_why) == (None, "owner_left")


def test_history_of_a_leaver_wakes_nobody() -> None:
    story = Story()
    story.step(at(1), captured(at(0), backfill=True), fact("lead.assigned", at(0), owner="ana", backfill=True))

    leaves(story)

    assert (moved(story)[0], story.lead.hand_offs[0].queue_why, story.notices()) == (None, "owner_left", [])
    assert story.lead.is_history
    assert all(clock.quiet for clock in story.lead.running())


def test_the_decision_records_how_the_owner_stood() -> None:
    story = goes_away(owned_by_ana(), away(deputy="cleo", manager="mira"))

    move = [e.data for e in story.decided("assigned") if isinstance(e.data, Assigned)][-1]
    assert move.standing == away(deputy="cleo", manager="mira")
    assert [(c.person, c.skipped) for c in move.candidates] == [("ana", "absent"), ("ben", None), ("cleo", None)]
