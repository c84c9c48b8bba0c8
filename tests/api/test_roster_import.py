"""The roster's CSV import over HTTP."""

import pytest

from tests.api.fakes import ADMIN, SENDER, Api

PATH = "/v1/roster/import"
CSV = {"Content-Type": "text/csv; charset=utf-8"}
GOOD = b"\xef\xbb\xbfperson_id,name,email\r\nana,Ana,ana@example.com\r\n"
MIXED = b"person_id,name,email\nana,Ana,ana@example.com\nbo,,bo@example.com\n"


async def test_a_file_is_taken_and_each_row_told_of() -> None:
    async with Api().client(ADMIN) as client:
        taken = await client.post(PATH, content=GOOD, headers=CSV)
        tried = await client.post(f"{PATH}?dry_run=true", content=GOOD, headers=CSV)
    assert (taken.status_code, taken.json()["is_applied"], taken.json()["added"]) == (200, True, 1)
    assert taken.json()["rows"] == [{"line": 2, "person": "ana", "outcome": "added", "reasons": []}]
    assert tried.json() == taken.json() | {"is_applied": False}


async def test_one_bad_row_refuses_the_file_unless_told_otherwise() -> None:
    async with Api().client(ADMIN) as client:
        refused = await client.post(PATH, content=MIXED, headers=CSV)
        partly = await client.post(f"{PATH}?partial=true", content=MIXED, headers=CSV)
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (400, "urn:leadloop:problem:import-refused")
    assert [(row["line"], row["reasons"]) for row in problem["rows"]] == [(3, ["name: must not be empty"])]
    assert (partly.status_code, partly.json()["added"], partly.json()["refused"]) == (200, 1, 1)


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [(b"\xff", CSV, 400), (b"", CSV, 400), (GOOD, {"Content-Type": "application/json"}, 415), (GOOD, {}, 415)],
)
async def test_what_is_no_file_of_people_is_refused(content: bytes, headers: dict[str, str], status: int) -> None:
    async with Api().client(ADMIN) as client:
        refused = await client.post(PATH, content=content, headers=headers)
    assert refused.status_code == status


async def test_only_an_admin_may_import() -> None:
    async with Api().client(SENDER) as client:
        assert (await client.post(PATH, content=GOOD, headers=CSV)).status_code == 403
