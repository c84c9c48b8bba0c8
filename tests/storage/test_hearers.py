"""Roles become people when a notice is sent: who is away, who left, who is nobody."""

import pytest
from sqlalchemy import update

from leads.brief import Hearer
from storage.hearers import read_roster, resolve
from storage.pipeline import pipelined
from storage.tables import teams
from tests.desk import NOON, Desk


async def heard(desk: Desk, *roles: str) -> tuple[list[Hearer], str | None]:
    async with pipelined(desk.engine) as pipeline:
        return resolve(await read_roster(pipeline, roles, NOON), roles)


@pytest.mark.parametrize(
    ("roles", "keys", "fault"),
    [
        (("owner:ana",), ["ana"], None),
        (("deputy:ana",), ["ben"], None),
        (("deputy:ben",), [], None),  # nobody has to have a deputy
        (("manager:ana",), ["mira"], None),
        (("manager:mira",), [], "no_manager"),
        (("team:sales",), ["ana", "ben"], None),
        (("team_manager:sales",), ["mira"], None),
        (("channel:sales",), ["channel:sales"], None),
        (("owner:ana", "manager:ana", "team:sales"), ["ana", "mira", "ben"], None),  # each once
        (("owner:ghost",), [], "unknown_person"),
        (("manager:ghost",), [], "unknown_person"),
        (("owner:ana", "owner:ghost"), ["ana"], "unknown_person"),
        (("team:ghosts",), [], "unknown_team"),
        (("channel:ghosts",), [], "unknown_team"),
        (("team_manager:ghosts",), [], "unknown_team"),
        (("sponsor:sales",), [], "no_sponsor"),
        (("sponsor:ghosts",), [], "unknown_team"),
        (("boss:ana",), [], "unknown_role"),
        (("ana",), [], "unknown_role"),
    ],
)
async def test_roles_lead_to_people(desk: Desk, roles: tuple[str, ...], keys: list[str], fault: str | None) -> None:
    hearers, found = await heard(desk, *roles)

    assert [hearer.key for hearer in hearers] == keys
    assert found == fault


async def test_the_sponsor_of_a_team_hears_and_so_does_whoever_stands_in(desk: Desk) -> None:
    await desk.hire("vera", deputy="mira")
    await desk.send_away("vera")
    async with desk.engine.begin() as connection:
        await connection.execute(update(teams).values(sponsor="vera"))

    hearers, fault = await heard(desk, "sponsor:sales")

    assert [(h.key, h.role, h.of) for h in hearers] == [
        ("vera", "sponsor", "Sales"), ("mira", "stand_in", "Vera Example"),
    ]  # fmt: skip
    assert fault is None


async def test_the_deputy_of_an_absent_owner_hears_too(desk: Desk) -> None:
    await desk.send_away("ana")

    hearers, _ = await heard(desk, "owner:ana")

    assert [(h.key, h.role, h.of, h.email) for h in hearers] == [
        ("ana", "owner", "Ana Example", "ana@sales.example"),
        ("ben", "stand_in", "Ana Example", "ben@sales.example"),
    ]


async def test_an_absence_may_name_another_stand_in(desk: Desk) -> None:
    await desk.hire("cleo")
    await desk.send_away("ana", deputy="cleo")

    assert [h.key for h in (await heard(desk, "owner:ana"))[0]] == ["ana", "cleo"]


async def test_the_stand_in_of_an_absent_manager_hears_too(desk: Desk) -> None:
    await desk.change("mira", deputy="ben")
    await desk.send_away("mira")

    assert [h.key for h in (await heard(desk, "manager:ana"))[0]] == ["mira", "ben"]


async def test_who_has_left_is_not_told_but_the_deputy_is(desk: Desk) -> None:
    await desk.change("ana", is_active=False)
    assert [h.key for h in (await heard(desk, "owner:ana"))[0]] == ["ben"]

    await desk.change("ben", is_active=False)
    assert await heard(desk, "owner:ana") == ([], "person_left")
    assert await heard(desk, "team:sales") == ([], "empty_team")


async def test_a_channel_may_have_an_address(desk: Desk) -> None:
    assert (await heard(desk, "channel:sales"))[0][0].email is None

    async with desk.engine.begin() as connection:
        await connection.execute(update(teams).values(channel_email="sales-room@chat.example"))

    assert (await heard(desk, "channel:sales"))[0][0].email == "sales-room@chat.example"
