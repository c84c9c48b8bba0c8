"""Playing a script: as acts of whoever has the lead then, in spite of a system that goes away."""

from datetime import timedelta
from typing import Any

from tests.workers.demo_world import ANA, CAPTURED, START, World, planned
from workers.demo.casting import Standing
from workers.demo.script import Act, By, When


async def test_events_go_out_when_they_are_due() -> None:
    world = World()
    stage = await world.play(CAPTURED, planned(5), planned(90))
    assert [(event["type"], event["subject"]) for event in world.events] == [
        ("lead.captured", "run-000001"), ("lead.touched", "run-000001")
    ]  # fmt: skip
    [(by, at)] = world.touches()
    assert (by, round(at)) == ("ana", 5)
    assert (stage.played.sent, stage.played.lead_ids) == (2, {1: "run-000001"})


async def test_an_act_is_of_whoever_has_the_lead_then() -> None:
    world = World([(0, Standing("ana", "ana")), (10, Standing("ana", "ben"))])
    script = (CAPTURED, planned(5), planned(12), planned(14, by=By.FIRST_OWNER), planned(16, by=By.NEXT_OWNER))
    await world.play(*script)
    assert [by for by, _ in world.touches()] == ["ana", "ben", "ana", "ben"]


async def test_the_next_owner_acts_only_where_the_lead_has_moved_on() -> None:
    world = World()
    stage = await world.play(CAPTURED, planned(5, by=By.NEXT_OWNER))
    assert world.touches() == []
    assert stage.played.not_played == 1


async def test_an_act_waits_for_an_owner_but_not_for_ever() -> None:
    world = World([(0, Standing(None, None)), (8, Standing("ana", "ana"))])
    await world.play(CAPTURED, planned(5))
    [(by, at)] = world.touches()
    assert (by, 8 <= at < 9) == ("ana", True)

    nobody = World([(0, Standing(None, None))])
    stage = await nobody.play(CAPTURED, planned(5))
    assert (nobody.touches(), stage.played.not_played) == ([], 1)


async def test_what_follows_a_touch_needs_one_and_automatic_mail_is_none() -> None:
    automatic = planned(5, data={"channel": "email", "mode": "sequence_auto"})
    won = planned(9, "lead.won", when=When.TOUCHED)
    unmoved, touched = World(), World()
    await unmoved.play(CAPTURED, automatic, won)
    await touched.play(CAPTURED, automatic, planned(7), won)
    assert [event["type"] for event in unmoved.events] == ["lead.captured", "lead.touched"]
    assert [event["type"] for event in touched.events][-1] == "lead.won"


async def test_late_word_carries_the_instant_it_happened() -> None:
    world = World()
    await world.play(CAPTURED, planned(30, by=By.FIRST_OWNER, happened_after=timedelta(seconds=11)))
    assert world.touches() == [("ana", 11.0)]


async def test_a_repeat_is_sent_to_the_letter_in_a_later_batch() -> None:
    world = World()
    touch = planned(5)
    again = Act(1, touch.id, touch.type, timedelta(seconds=5), repeats=True)
    stage = await world.play(CAPTURED, touch, again)
    assert (stage.played.sent, stage.played.repeats) == (3, 1)


async def test_a_meeting_says_when_it_takes_place() -> None:
    world = World()
    await world.play(CAPTURED, planned(5, "lead.meeting_booked", dates={"at": timedelta(seconds=20)}))
    assert world.events[-1]["data"] == {"by": "ana", "at": (START + timedelta(seconds=20)).isoformat()}


async def test_a_system_that_goes_away_gets_everything_when_it_is_back() -> None:
    world = World(away_between=(4, 30))
    stage = await world.play(CAPTURED, planned(5), planned(20))
    assert len(world.touches()) == 2
    # what happened while it was away says when
    assert round(world.touches()[0][1]) == 5
    assert 25 <= stage.played.away_seconds <= 31


async def test_an_act_that_is_for_untouched_leads_does_not_happen_after_a_touch() -> None:
    world = World()
    await world.play(CAPTURED, planned(5), planned(9, when=When.UNTOUCHED))
    assert len(world.touches()) == 1


async def test_closers_and_reps_act_on_what_they_have() -> None:
    world = World([(0, ANA), (10, Standing("ana", "carl")), (20, ANA)])
    script = (planned(5, by=By.CLOSER), planned(12, by=By.REP), planned(22, by=By.CLOSER))
    stage = await world.play(CAPTURED, *script)
    # each waits until it is their turn; the last one for as long as anybody looks
    assert [(by, round(at)) for by, at in world.touches()] == [("carl", 10), ("ana", 20)]
    assert stage.played.not_played == 1


async def test_a_colleague_is_a_rep_who_does_not_have_the_lead_and_stays_the_same() -> None:
    world = World([(0, ANA), (10, Standing("ana", "cleo"))])
    await world.play(CAPTURED, planned(5, by=By.COLLEAGUE), planned(12, by=By.COLLEAGUE))
    [(first, _), (second, _)] = world.touches()
    assert first == second != "ana"


async def test_a_command_is_given_in_the_name_of_its_actor_under_a_key_of_its_own() -> None:
    world = World()
    callback = planned(5, "callback", is_command=True, dates={"at": timedelta(seconds=30)}, data={"reason": "later"})
    waive = planned(6, "waive", By.MANAGER, is_command=True)
    stage = await world.play(CAPTURED, callback, waive)
    at = (START + timedelta(seconds=30)).isoformat()
    assert world.commands[0] == ("run-1-callback-5", "ana", {"command": "callback", "reason": "later", "at": at})
    assert world.commands[1][1:] == ("mira", {"command": "waive"})
    assert (stage.played.granted, stage.played.refused, world.types()) == (2, 0, ["lead.captured"])


async def test_what_follows_a_command_needs_it_to_be_granted() -> None:
    def refuses(_: dict[str, Any]) -> str:
        return "It belongs to ana"

    reassign = planned(5, "reassign", is_command=True)
    claim = planned(5.001, "claim", By.COLLEAGUE, is_command=True, follows=reassign.id)
    granted, refused = World(), World(refuses=refuses)
    await granted.play(CAPTURED, reassign, claim)
    stage = await refused.play(CAPTURED, reassign, claim)
    assert [body["command"] for _, _, body in granted.commands] == ["reassign", "claim"]
    assert [body["command"] for _, _, body in refused.commands] == ["reassign"]
    [refusal] = stage.played.refusals
    assert (refusal.subject, refusal.command, refusal.why) == ("run-000001", "reassign", "It belongs to ana")


async def test_a_touch_by_command_counts_as_one() -> None:
    world = World()
    await world.play(CAPTURED, planned(5, "touch", is_command=True), planned(9, "lead.won", when=When.TOUCHED))
    assert world.types()[-1] == "lead.won"


async def test_a_promise_no_longer_running_is_neither_waived_nor_answered() -> None:
    asked = Standing("ana", "ana", {"feedback": "carl"})
    world = World([(0, ANA), (10, asked)])
    waive = planned(5, "waive", By.MANAGER, is_command=True, while_running="first_touch")
    feedback = planned(12, "lead.feedback_given", By.ASKED, while_running="feedback")
    stage = await world.play(CAPTURED, waive, feedback)
    assert (world.commands, stage.played.not_played) == ([], 1)
    assert world.events[-1]["data"]["by"] == "carl"


async def test_a_command_without_an_answer_is_given_again_and_then_left() -> None:
    back, gone = World(away_between=(4, 6)), World(away_between=(4, 60))
    accept = planned(5, "accept", is_command=True)
    assert (await back.play(CAPTURED, accept)).played.granted == 1
    stage = await gone.play(CAPTURED, accept)
    assert (stage.played.granted, stage.played.refused, stage.played.not_played) == (0, 0, 1)
