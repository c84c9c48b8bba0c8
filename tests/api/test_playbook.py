import pytest

from storage.keys import Scope
from storage.playbooks import default_text
from tests.api.fakes import ADMIN, SENDER, Api

PATH = "/v1/playbook/revisions"


async def test_a_playbook_is_published_under_the_next_number_and_can_be_read_back() -> None:
    async with Api().client(ADMIN) as client:
        made = [
            await client.post(PATH, json={"source": default_text(), "comment": f" take {number} "}) for number in (1, 2)
        ]
        shown = await client.get(f"{PATH}/2")
    assert [answer.status_code for answer in made] == [201, 201]
    assert [answer.json()["number"] for answer in made] == [1, 2]
    assert (shown.json()["author"], shown.json()["comment"]) == ("admin", "take 2")
    assert shown.json()["source"] == default_text()


async def test_revisions_come_in_pages_the_newest_first() -> None:
    found: list[int] = []
    before: int | None = None
    async with Api().client(ADMIN) as client:
        for number in range(5):
            await client.post(PATH, json={"source": default_text(), "comment": str(number)})
        for _ in range(3):
            page = (await client.get(PATH, params={"limit": 2} | ({"before": before} if before else {}))).json()
            found += [revision["number"] for revision in page["revisions"]]
            before = page["next"]
    assert (found, before) == ([5, 4, 3, 2, 1], None)


async def test_every_fault_of_a_playbook_is_named_and_nothing_published() -> None:
    faulty = default_text().replace("PT15M", "P1M").replace("mode: full", "mode: loud")
    async with Api().client(ADMIN) as client:
        refused = await client.post(PATH, json={"source": faulty, "comment": "hasty"})
        listed = await client.get(PATH)
    assert (refused.status_code, refused.json()["type"]) == (400, "urn:leadloop:problem:invalid-playbook")
    faults = {fault["path"]: fault for fault in refused.json()["faults"]}
    assert faults["segments.0.promises.assign.target"]["reason"].startswith("a duration is ISO 8601 text")
    assert faulty.splitlines()[faults["mode"]["line"] - 1].startswith("mode: loud")
    assert listed.json()["revisions"] == []


@pytest.mark.parametrize(
    "source", ["", "[", "a: &a [*a]\nb: *a", "- 1", "playbook: 2", "\x00", "{" * 2000, "x: !!python/name:os.system"]
)
async def test_what_is_no_playbook_is_refused(source: str) -> None:
    async with Api().client(ADMIN) as client:
        refused = await client.post(PATH, json={"source": source, "comment": "?"})
    assert refused.status_code == 400


async def test_publishing_and_reading_need_scopes_of_their_own() -> None:
    api = Api()
    api.keys.add("reader", "bi", Scope.PLAYBOOK_READ)
    new = {"source": default_text(), "comment": "mine"}
    async with api.client(SENDER) as sender, api.client("reader") as reader:
        answers = [await sender.get(PATH), await reader.get(PATH), await reader.post(PATH, json=new)]
    assert [answer.status_code for answer in answers] == [403, 200, 403]
    assert answers[2].json()["missing_scope"] == "playbook:write"


async def test_an_unknown_revision_is_404() -> None:
    async with Api().client(ADMIN) as client:
        assert (await client.get(f"{PATH}/7")).status_code == 404


async def test_a_draft_is_checked_without_being_published() -> None:
    async with Api().client(ADMIN) as client:
        good = await client.post("/v1/playbook/validate", json={"source": default_text()})
        bad = await client.post("/v1/playbook/validate", json={"source": default_text() + "\nmood: good\n"})
        listed = await client.get(PATH)
    assert good.json() == {"valid": True, "faults": [], "more": 0}
    last = default_text().count("\n") + 2
    assert bad.json()["faults"] == [{"line": last, "path": "mood", "reason": "there is no such key"}]
    assert listed.json()["revisions"] == []


async def test_the_schema_is_served_beside_the_revisions() -> None:
    async with Api().client(ADMIN) as client:
        schema = (await client.get("/v1/playbook/schema")).json()
    assert set(schema["required"]) == {"calendar", "calendars", "segments", "reasons"}
    assert schema["$schema"].endswith("2020-12/schema")
