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
    assert good.json() == {"valid": True, "faults": [], "more": 0, "warnings": []}
    last = default_text().count("\n") + 2
    assert bad.json()["faults"] == [{"line": last, "path": "mood", "reason": "there is no such key"}]
    assert listed.json()["revisions"] == []


async def test_the_schema_is_served_beside_the_revisions() -> None:
    async with Api().client(ADMIN) as client:
        schema = (await client.get("/v1/playbook/schema")).json()
    assert set(schema["required"]) == {"calendar", "calendars", "segments", "reasons"}
    assert schema["$schema"].endswith("2020-12/schema")


QUICKER = default_text().replace("first_touch: {target: PT15M,", "first_touch: {target: PT10M,")
LOUDER = default_text().replace("at: 50%, notify: [owner]", "at: 50%, notify: [owner, manager]")


async def test_of_two_admins_at_once_the_second_is_told_what_the_first_has_changed() -> None:
    async with Api().client(ADMIN) as client:
        await client.post(PATH, json={"source": default_text(), "comment": "first"})
        seen = (await client.get(f"{PATH}/1")).headers["ETag"]
        one = await client.post(PATH, json={"source": QUICKER, "comment": "quicker"}, headers={"If-Match": seen})
        other = await client.post(PATH, json={"source": LOUDER, "comment": "louder"}, headers={"If-Match": seen})
        again = await client.post(
            PATH, json={"source": LOUDER, "comment": "louder"}, headers={"If-Match": other.headers["ETag"]}
        )
    assert (one.status_code, one.headers["ETag"], other.status_code, again.status_code) == (201, '"2"', 412, 201)
    told = other.json()
    assert (told["type"], told["newest"]) == ("urn:leadloop:problem:playbook-overtaken", 2)
    assert [(since["number"], since["author"], since["comment"]) for since in told["revisions"]] == [
        (2, "admin", "quicker")
    ]
    assert [change["text"] for change in told["diff"]["changes"]] == ["segment hot, first_touch, target: PT15M → PT10M"]


async def test_a_publish_onto_a_revision_that_has_never_been_is_overtaken_too() -> None:
    async with Api().client(ADMIN) as client:
        await client.post(PATH, json={"source": default_text(), "comment": "first"})
        refused = await client.post(PATH, json={"source": QUICKER, "comment": "x"}, headers={"If-Match": '"9"'})
    assert (refused.status_code, refused.json()["diff"], refused.json()["revisions"]) == (412, None, [])


@pytest.mark.parametrize(
    ("tags", "status"),
    [('"1"', 201), ("*", 201), ('"7", "1"', 201), ("1", 412), ('W/"1"', 412), ('"one"', 412), ('"99999999999"', 412)],
)
async def test_only_the_etag_of_the_newest_lets_a_publish_through(tags: str, status: int) -> None:
    async with Api().client(ADMIN) as client:
        await client.post(PATH, json={"source": default_text(), "comment": "first"})
        answer = await client.post(PATH, json={"source": QUICKER, "comment": "x"}, headers={"If-Match": tags})
    assert answer.status_code == status


async def test_a_rollback_is_a_new_revision_that_says_what_it_repeats() -> None:
    async with Api().client(ADMIN) as client:
        for source in (default_text(), QUICKER):
            await client.post(PATH, json={"source": source, "comment": "on"})
        back = await client.post(f"{PATH}/1/rollback", json={"comment": "too quick"}, headers={"If-Match": '"2"'})
        shown = await client.get(f"{PATH}/3")
        refused = [
            await client.post(f"{PATH}/{number}/rollback", json={"comment": "x"}, headers={"If-Match": tag})
            for number, tag in ((3, '"3"'), (7, '"3"'), (1, '"2"'))
        ]
    assert (back.status_code, back.json()["number"], back.json()["repeats"]) == (201, 3, 1)
    assert (shown.json()["source"], shown.json()["comment"]) == (default_text(), "too quick")
    assert [answer.status_code for answer in refused] == [409, 404, 412]


async def test_revisions_and_drafts_are_compared() -> None:
    async with Api().client(ADMIN) as client:
        for source in (default_text(), QUICKER):
            await client.post(PATH, json={"source": source, "comment": "on"})
        revisions = (await client.get("/v1/playbook/diff", params={"old": 2, "new": 1})).json()
        draft = (await client.post("/v1/playbook/diff", json={"source": LOUDER})).json()
        older = (await client.post("/v1/playbook/diff", json={"source": LOUDER, "against": 1})).json()
        faulty = await client.post("/v1/playbook/diff", json={"source": "mode: loud"})
        unknown = await client.get("/v1/playbook/diff", params={"old": 2, "new": 9})
    assert revisions == {
        "old": 2,
        "new": 1,
        "more": 0,
        "changes": [
            {
                "path": "segments.hot.promises.first_touch.target",
                "kind": "changed",
                "old": "PT10M",
                "new": "PT15M",
                "text": "segment hot, first_touch, target: PT10M → PT15M",
            }
        ],
    }
    assert (draft["old"], draft["new"], len(draft["changes"])) == (2, None, 2)
    assert [change["text"] for change in older["changes"]] == ["ladder hot, half, notify: [owner] → [owner, manager]"]
    assert (faulty.status_code, unknown.status_code) == (400, 404)
