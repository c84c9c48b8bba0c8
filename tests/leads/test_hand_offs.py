"""Passing the baton: what each new owner does to the promises, and who gets the lead next."""

from datetime import datetime

from leads.entries import Entry
from leads.stages import Stage
from tests.builders import Story, at, captured, fact, playbook, raised, shelf, touched

HOT = [captured(at(0)), raised(at(0))]  # first touch 15 min, ladder: +10 min reassign, at most 2 hops


def assigned(minute: float, owner: str, team: str | None = None) -> Entry:
    return fact("lead.assigned", at(minute), owner=owner, team=team)


def first_touches(story: Story) -> list[tuple[str | None, datetime, str | None]]:
    """Owner, due, outcome of each first-touch clock."""
    clocks = [clock for clock in story.lead.clocks.values() if clock.clock == "first_touch"]
    return [(clock.owner, clock.due_at, clock.outcome) for clock in clocks]


def owners(story: Story) -> list[str]:
    return [h.data["owner"] for h in story.timeline.values() if h.kind == "owner_set"]


def test_a_swap_inside_the_team_lets_the_clocks_go_on() -> None:
    story = Story(people=())
    story.step(at(5), *HOT, assigned(1, "ana"), assigned(5, "ben"))

    assert first_touches(story) == [("ben", at(16), None)]
    assert (story.lead.stage, story.lead.owner) == (Stage.ASSIGNED, "ben")


def test_another_team_restarts_the_clocks() -> None:
    story = Story(people=())
    story.step(at(5), *HOT, assigned(1, "ana"), assigned(5, "pia", team="field"))

    assert first_touches(story) == [("ana", at(16), "cancelled"), ("pia", at(20), None)]
    [clock] = [clock for clock in story.lead.running() if clock.clock == "first_touch"]
    assert (clock.team, story.lead.hand_offs[0].team) == ("field", "field")


def test_another_team_after_due_is_a_breach_of_the_owner_before() -> None:
    story = Story(people=())
    story.step(at(20), *HOT, assigned(1, "ana"), assigned(20, "pia", team="field"))

    assert first_touches(story) == [("ana", at(16), "breached"), ("pia", at(35), None)]


def test_the_same_person_in_another_team_promises_anew() -> None:
    story = Story(people=())
    story.step(at(5), *HOT, assigned(1, "ana"), assigned(5, "ana", team="field"))

    assert first_touches(story)[-1] == ("ana", at(20), None)
    assert story.lead.hand_offs[0].past_owners == []


def test_setting_the_same_owner_twice_changes_nothing() -> None:
    story = Story(people=())
    story.step(at(5), *HOT, assigned(1, "ana"), assigned(5, "ana"))

    assert first_touches(story) == [("ana", at(16), None)]
    assert owners(story) == ["ana"]
    assert [template for template, _ in story.notices()] == ["assigned"]


def test_a_new_owner_has_accepted_nothing_yet() -> None:
    named = captured(at(0), attributes={"relation": "target_account"})
    story = Story(people=())
    story.step(at(5), named, fact("lead.qualified", at(0)), assigned(1, "ana"), fact("lead.accepted", at(2), by="ana"))
    story.step(at(6), fact("lead.assigned", at(6), owner="pia", team="field"))

    turn = story.give(at(7), "accept", "pia")

    assert turn.refusal is None
    accepts = [clock.outcome for clock in story.lead.clocks.values() if clock.clock == "accept"]
    assert accepts == ["met", "met"]


def test_a_rung_moves_the_lead_on_and_each_owner_answers_for_his_own_promise() -> None:
    story = Story()
    story.step(at(1), *HOT)  # ana at 1: due 16, moved at 26

    story.sleep_until(at(26))

    assert first_touches(story) == [("ana", at(16), "breached"), ("ben", at(41), None)]  # 26 + 15
    assert story.lead.hand_offs[0].past_owners == ["ana"]
    assert story.lead.hand_offs[0].hops == 1


def test_hops_are_bounded_and_never_lead_back() -> None:
    story = Story()
    story.step(at(1), *HOT)

    story.sleep_until(at(hours=8))

    assert owners(story) == ["ana", "ben", "cleo"]  # two hops, then cleo keeps it
    assert first_touches(story)[-1] == ("cleo", at(66), None)  # 51 + 15
    assert story.lead.hand_offs[0].hops == 2


def test_a_rung_moves_to_nobody_who_had_it_before() -> None:
    story = Story(people=("ana", "ben"))
    story.step(at(3), *HOT, assigned(1, "ben"), assigned(3, "ana"))  # ben had it already

    story.sleep_until(at(hours=2))

    assert owners(story) == ["ben", "ana"]


def test_people_who_are_absent_are_passed_over() -> None:
    story = Story()
    story.step(at(1), *HOT)
    story.absent = {"ben"}

    story.sleep_until(at(26))

    assert story.lead.owner == "cleo"


def test_the_last_rung_of_the_normal_ladder_returns_the_lead_to_the_queue() -> None:
    story = Story(people=("ana",))
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))

    story.sleep_until(at(days=4))

    hand_off = story.lead.hand_offs[0]
    assert (story.lead.stage, hand_off.owner, hand_off.queue, hand_off.queue_why) == (
        Stage.QUALIFIED, None, "sales", "untouched",
    )  # fmt: skip
    assert first_touches(story) == [("ana", at(hours=8), "breached")]
    assert (hand_off.past_owners, story.turn is not None and story.turn.wake_at is not None) == (["ana"], True)


def test_who_takes_a_lead_from_the_queue_promises_a_touch_of_his_own() -> None:
    story = Story(people=("ana",))
    story.step(at(0), captured(at(0)), fact("lead.qualified", at(0)))
    story.sleep_until(at(days=4))

    story.give(at(days=4), "claim", "ben")  # Friday 09:00

    assert first_touches(story)[-1] == ("ben", at(hours=8, days=4), None)
    assert story.lead.hand_offs[0].queue is None


def test_a_reroute_excludes_everybody_who_gave_it_back() -> None:
    story = Story()
    story.step(at(1), *HOT)
    story.step(at(3), fact("lead.rejected", at(2), reason="wrong_territory", by="ana"))
    assert story.lead.owner == "ben"

    story.step(at(5), fact("lead.rejected", at(4), reason="wrong_territory", by="ben"))
    assert story.lead.owner == "cleo"

    story.step(at(7), fact("lead.rejected", at(6), reason="wrong_territory", by="cleo"))
    hand_off = story.lead.hand_offs[-1]
    assert (hand_off.owner, hand_off.queue_why) == (None, "nobody_free")


def test_rejecting_twice_is_once_a_rejection_and_once_an_anomaly() -> None:
    story = Story()
    story.step(at(1), *HOT)

    story.step(at(5), *[fact("lead.rejected", at(minute), reason="no_budget", by="ana") for minute in (3, 4)])

    assert (story.lead.stage, story.lead.loops, story.lead.anomalies) == (Stage.NURTURING, 1, 1)


def test_recycling_twice_halves_the_score_once_and_takes_the_later_word_for_the_date() -> None:
    story = Story()
    story.step(at(1), captured(at(0)), fact("lead.qualified", at(0), score=80))

    story.step(
        at(5),
        fact("lead.recycled", at(3), reason="no_need"),
        fact("lead.recycled", at(4), wake_at=at(days=20).isoformat()),
    )

    assert (story.lead.score, story.lead.loops, story.lead.wake_at) == (40, 1, at(days=20))


def test_recycled_leads_rest_until_the_day_agreed_and_qualify_by_score_from_then_on() -> None:
    def points(when: datetime) -> Entry:
        return fact("lead.engaged", when, kind="page_viewed", points=30)

    story = Story()
    story.step(at(1), captured(at(0)), fact("lead.qualified", at(0), score=80))
    story.step(at(3), fact("lead.recycled", at(3), wake_at=at(days=20).isoformat()))  # 40 points left

    story.step(at(days=19), points(at(days=19)))
    assert (story.lead.stage, story.lead.score) == (Stage.NURTURING, 70)
    story.sleep_until(at(days=21))
    assert story.lead.stage is Stage.ASSIGNED


def test_a_rest_that_is_over_does_not_begin_again() -> None:
    story = Story()
    story.step(at(1), captured(at(0)), fact("lead.qualified", at(0), score=80))
    story.step(at(3), fact("lead.recycled", at(3), wake_at=at(days=20).isoformat()))
    story.sleep_until(at(days=21))

    story.step(at(days=22), fact("lead.engaged", at(days=22), kind="page_viewed", points=30))

    assert story.lead.stage is Stage.ASSIGNED


def test_the_former_owner_gets_it_back_while_the_touch_is_fresh() -> None:
    def asked_again(days: int) -> str | None:
        story = Story()
        story.step(at(1), *HOT)
        story.step(at(3), touched(at(2), by="ana"), fact("lead.lost", at(3), reason="no_need"))
        story.last_assigned["ana"] = at(4)  # ben would be next in turn
        story.step(at(days=days), raised(at(days=days)))
        return story.lead.owner

    assert (asked_again(89), asked_again(91)) == ("ana", "ben")  # 90 days from the touch


def test_an_acceptance_by_nobody_known_still_ends_in_somebodys_hands() -> None:
    story = Story()
    story.step(at(1), *HOT, fact("lead.accepted", at(0.5)))

    assert story.lead.owner == "ana"
    assert story.lead.hand_offs[0].accepted_at == at(0.5)


def test_a_queue_of_another_team_is_that_teams_lead() -> None:
    story = Story(shelf(playbook()), people=())
    story.step(at(1), *HOT, assigned(1, "ana"))

    story.give(at(2), "reassign", "boss", team="field")

    hand_off = story.lead.hand_offs[0]
    assert (hand_off.queue, hand_off.team, hand_off.owner) == ("field", "field", None)


def test_back_in_the_queue_finding_an_owner_is_a_promise_again_and_the_team_hears_of_it() -> None:
    story = Story()
    story.step(at(10), captured(at(10)), raised(at(10)))

    story.give(at(11), "reassign", actor="mira", team="sales")

    hand_off = story.lead.hand_offs[-1]
    assert (hand_off.owner, hand_off.queue) == (None, "sales")
    [assign] = [clock for clock in story.lead.running() if clock.clock == "assign"]
    assert assign.due_at == at(13)  # two minutes
    assert ("unassigned", ("team:sales", "team_manager:sales")) in story.notices()
    story.sleep_until(at(14))
    assert ("breach", ("team:sales", "team_manager:sales")) in story.notices()


def test_a_milder_word_does_not_bring_back_who_was_ruled_out_for_good() -> None:
    story = Story()
    story.step(at(10), captured(at(10)), fact("lead.disqualified", at(10), kind="hard", reason="no_fit"))
    story.step(at(20), fact("lead.disqualified", at(20), kind="soft", reason="no_fit"), raised(at(21)))

    assert (story.lead.stage, story.lead.disqualified, story.lead.hand_offs) == ("disqualified", "hard", [])
