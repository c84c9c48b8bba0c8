"""Rollouts over HTTP: seen, paused, resumed, cancelled; what is held is listed and settled."""

import pytest

from leads.running import Running
from storage.keys import Scope
from storage.playbooks import default_text
from storage.rollouts import RolloutState
from tests.api.fakes import ADMIN, SENDER, Api
from tests.api.rollout_fakes import held, rollout

PATH = "/v1/playbook/rollouts"
REVISIONS = "/v1/playbook/revisions"


def api(*states: RolloutState) -> Api:
    made = Api()
    made.rollouts.kept = {number: rollout(number, state) for number, state in enumerate(states, start=2)}
    return made


async def test_how_far_a_publication_has_come() -> None:
    async with api(RolloutState.RUNNING).client(ADMIN) as client:
        shown = (await client.get(f"{PATH}/2")).json()
    assert (shown["state"], shown["total"], shown["reached"], shown["adopted"]) == ("running", 10, 4, 3)
    assert shown["running"] == {"default": "carry", "clocks": {}}


async def test_rollouts_come_in_pages_the_newest_first() -> None:
    async with api(*[RolloutState.DONE] * 3).client(ADMIN) as client:
        first = (await client.get(PATH, params={"limit": 2})).json()
        second = (await client.get(PATH, params={"limit": 2, "before": first["next"]})).json()
    assert [r["revision"] for r in first["rollouts"] + second["rollouts"]] == [4, 3, 2]
    assert second["next"] is None


async def test_it_is_paused_and_goes_on_and_is_cancelled_by_whoever_may_publish() -> None:
    made = api(RolloutState.RUNNING)
    async with made.client(ADMIN) as client:
        states = [(await client.post(f"{PATH}/2/{what}")).json()["state"] for what in ("pause", "resume", "cancel")]
    assert states == ["paused", "running", "cancelled"]
    assert made.rollouts.asked == [("pause", 2, "admin"), ("resume", 2, "admin"), ("cancel", 2, "admin")]


async def test_what_has_ended_cannot_go_on_and_the_answer_says_what_to_do() -> None:
    async with api(RolloutState.DONE).client(ADMIN) as client:
        refused = await client.post(f"{PATH}/2/resume")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:leadloop:problem:rollout-over")
    assert refused.json()["state"] == "done"
    assert "publish again" in refused.json()["detail"]


@pytest.mark.parametrize("what", ["confirm", "waive"])
async def test_what_is_held_is_listed_in_pages_and_settled(what: str) -> None:
    made = api(RolloutState.DONE)
    made.rollouts.clocks = [held(n) for n in range(1, 4)]
    async with made.client(ADMIN) as client:
        first = (await client.get(f"{PATH}/2/held", params={"limit": 2})).json()
        second = (await client.get(f"{PATH}/2/held", params={"limit": 2, "after": first["next"]})).json()
        settled = [(await client.post(f"{PATH}/2/{what}")).json()["leads"] for _ in range(2)]
    assert len(first["held"]) == 2
    assert len(second["held"]) == 1
    assert second["next"] is None
    assert settled == [3, 0]


@pytest.mark.parametrize("after", ["x", "00000000-0000-0000-0000-00000000000g/k", "-" * 36 + "/k"])
async def test_a_place_that_no_page_gave_is_refused(after: str) -> None:
    async with api(RolloutState.DONE).client(ADMIN) as client:
        refused = await client.get(f"{PATH}/2/held", params={"after": after})
    assert refused.status_code in {400, 404}


async def test_there_is_none_of_what_was_never_published() -> None:
    async with Api().client(ADMIN) as client:
        answers = [
            await client.get(f"{PATH}/9"), await client.get(f"{PATH}/9/held"),
            *[await client.post(f"{PATH}/9/{what}") for what in ("pause", "resume", "cancel", "confirm", "waive")],
        ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {404}


async def test_to_look_needs_one_scope_and_to_act_another() -> None:
    made = api(RolloutState.RUNNING)
    made.keys.add("reader", "bi", Scope.PLAYBOOK_READ)
    async with made.client(SENDER) as sender, made.client("reader") as reader:
        answers = [await sender.get(f"{PATH}/2"), await reader.get(f"{PATH}/2"), await reader.post(f"{PATH}/2/pause")]
    assert [answer.status_code for answer in answers] == [403, 200, 403]


async def test_a_publication_says_what_becomes_of_promises_under_way() -> None:
    made = Api()
    new = {"source": default_text(), "comment": "c"}
    chosen = {"default": "carry", "clocks": {"first_touch": "keep"}}
    async with made.client(ADMIN) as client:
        plain = (await client.post(REVISIONS, json=new)).json()
        told = (await client.post(REVISIONS, json=new | {"running": chosen})).json()
        back = (await client.post(f"{REVISIONS}/1/rollback", json={"comment": "c", "running": chosen})).json()
    assert plain["running"] == {"default": "keep", "clocks": {}}
    assert told["running"] == back["running"] == chosen
    assert made.playbooks.kept[1][0].running == Running.model_validate(chosen)


@pytest.mark.parametrize(
    "running", ["carry", {"default": "sometimes"}, {"clocks": {"lunch": "keep"}}, {"clocks": ["keep"]}, {"mood": "x"}]
)
async def test_a_choice_that_there_is_none_of_is_refused_and_nothing_published(running: object) -> None:
    made = Api()
    async with made.client(ADMIN) as client:
        refused = await client.post(REVISIONS, json={"source": default_text(), "comment": "c", "running": running})
    assert refused.status_code == 400
    assert made.playbooks.kept == []
