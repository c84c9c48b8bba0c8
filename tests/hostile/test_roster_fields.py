"""Every nasty text in every field of the roster: kept and given back as it is, or refused in form."""

import csv
import io
import json
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel

from api.roster_teams import Membership
from leads.roster import AbsenceEntry, PersonEntry, TeamEntry
from leads.roster_file import COLUMNS
from tests.hostile.corpus import LONG, STRINGS
from tests.hostile.fields import Place, places, put
from tests.hostile.house import House

BODIES: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
    "people": (PersonEntry, {"name": "x", "email": "x@example.com"}),
    "teams": (TeamEntry, {"name": "x"}),
    "absences": (AbsenceEntry, {"person": "ana", "from": "2026-12-21T00:00:00Z", "until": "2026-12-28T00:00:00Z"}),
}
"""By path, each with a document that is taken."""
CALENDAR = (
    ("calendar", "timezone"),
    ("calendar", "weekly", "mon", 0, 0),
    ("calendar", "holidays", 0),
    ("calendar", "x"),
)
PORTIONS = 4
"""A test each, so that none is long."""


def every_place(kind: str) -> list[Place]:
    found = {*places(BODIES[kind][0], is_open=False), ("unknown",)}
    return sorted(found | set(CALENDAR if kind == "people" else ()), key=repr)


def test_every_field_is_found() -> None:
    assert {("name",), ("email",), ("manager",), ("timezone",), ("skills", 0), ("calendar", "timezone")} <= {
        *every_place("people")
    }
    assert {("name",), ("channel_email",)} <= {*every_place("teams")}
    assert {("person",), ("from",), ("until",), ("deputy",)} <= {*every_place("absences")}
    assert "weight" in Membership.model_fields


def in_form(answer: httpx2.Response) -> bool:
    """Taken, or refused with a problem that quotes little and steers nothing."""
    if answer.is_success:
        return True
    assert answer.status_code in (400, 409), answer.text[:500]
    problem = answer.json()
    for error in problem.get("errors", [problem]):
        assert error["detail"].isprintable()
        assert len(error["detail"]) < 1_000
    return False


@pytest.mark.parametrize("portion", range(PORTIONS))
async def test_every_text_in_every_field_is_kept_as_it_is_or_refused_in_form(house: House, portion: int) -> None:
    taken = refused = 0
    for name, text in [*STRINGS.items()][portion::PORTIONS]:
        for kind, (_, least) in BODIES.items():
            for place in every_place(kind):
                content = json.dumps(put(least, place, text)).encode()
                path, method = f"/v1/roster/{kind}", "POST" if kind == "absences" else "PUT"
                path += "" if kind == "absences" else f"/hostile-{portion}"
                headers = {"Content-Type": "application/json", "If-Match": "*"}
                answer = await house.client.request(method, path, content=content, headers=headers)
                if answer.status_code == 412:
                    del headers["If-Match"]
                    answer = await house.client.request(method, path, content=content, headers=headers)
                if not in_form(answer):
                    refused += 1
                    continue
                taken += 1
                [kept] = (part for part in answer.json().values() if isinstance(part, dict))
                if len(place) == 1 and kind != "absences":
                    assert kept[place[0]] in (text.strip(), None), f"{name} in {place} of {kind}"
    # neither is the rule: a test in which all is refused would prove nothing
    assert taken > 10
    assert refused > 10


async def test_every_text_in_every_path_is_found_refused_or_unknown(house: House) -> None:
    for text in STRINGS.values():
        if len(text) < LONG // 4 and not any("\ud800" <= sign <= "\udfff" for sign in text):
            for kind in BODIES:
                url = httpx2.URL("http://leadloop/").copy_with(raw_path=f"/v1/roster/{kind}/".encode() + quoted(text))
                answer = await house.client.get(url)
                assert answer.status_code in (200, 400, 404), answer.text[:500]


def quoted(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode()).encode()


async def test_every_text_in_every_cell_of_a_file_is_taken_or_refused_in_form(house: House) -> None:
    outcomes: list[str] = []
    for name, text in STRINGS.items():
        if len(text) >= LONG // 4 or any("\ud800" <= sign <= "\udfff" for sign in text):
            continue
        file = io.StringIO()
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        for number, column in enumerate(COLUMNS):
            row = {"person_id": f"cell-{number}", "name": "x", "email": "x@example.com"}
            rows.writerow(row | {column: text})
        answer = await house.client.post(
            "/v1/roster/import?partial=true", content=file.getvalue().encode(), headers={"Content-Type": "text/csv"}
        )
        if answer.status_code == 200:
            outcomes += [row["outcome"] for row in answer.json()["rows"]]
            assert all(reason.isprintable() for row in answer.json()["rows"] for reason in row["reasons"]), name
        else:
            assert answer.json()["type"] == "urn:leadloop:problem:import-refused", name
            assert answer.json()["detail"].isprintable(), name
    assert {"added", "changed", "refused"} <= {*outcomes}
