"""What `leadloop roster` prints: people, teams and absences as lines a person reads."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import typer

from workers.settings import Settings
from workers.terminal_page import Page

PATH = "/v1/roster"
_AT_ONCE = 200
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def every(settings: Settings, kind: str, **params: Any) -> Iterator[Any]:
    """All of a list, page by page."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    asked = {name: value for name, value in params.items() if value is not None} | {"limit": _AT_ONCE}
    while True:
        page = call(settings, "GET", f"{PATH}/{kind}", params=asked)
        yield from page[kind]
        if page["next"] is None:
            return
        asked["after"] = page["next"]


def told(answer: Any, *, as_json: bool, done: str) -> None:
    """What came of a change, with its warnings."""
    if as_json:
        typer.echo(json.dumps(answer))
        return
    page = Page()
    page.line(done if answer["changed"] else "Nothing changed: it stood like that already.")
    owned = answer.get("open_leads")
    if owned:
        are = "lead is" if owned == 1 else "leads are"
        page.line(f"{owned:,} open {are} still theirs, and move on as the playbook says.", mark="!")
    for warning in answer.get("warnings", ()):
        page.line(warning, mark="!")


def person_line(page: Page, person: Any) -> None:
    marks = [
        "" if person["is_active"] else "left",
        f"manager {person['manager']}" if person["manager"] else "",
        f"deputy {person['deputy']}" if person["deputy"] else "",
    ]
    page.line(", ".join([f"{person['person_id']}  {person['name']} <{person['email']}>", *filter(None, marks)]))


def team_line(page: Page, team: Any) -> None:
    page.line(f"{team['team_id']}  {team['name']}: {members(team) or 'nobody'}")


def absence_line(page: Page, absence: Any, indent: int = 0) -> None:
    stand_in = f", {absence['deputy']} stands in" if absence["deputy"] else ""
    by_event = "" if absence["origin"] == "urn:leadloop:roster" else f", told by {absence['origin']}"
    when = f"{clock(absence['from'])} to {clock(absence['until'])}"
    page.line(f"{absence['absence_id']}  {absence['person']}, {when}{stand_in}{by_event}", indent=indent)


def person_page(page: Page, person: Any, teams: list[Any], absences: list[Any]) -> None:
    """Everything that is kept of somebody."""
    page.line(f"{person['name']}, {'active' if person['is_active'] else 'has left'}", style="bold")
    places = [team["team_id"] + _weight(team, person["person_id"]) for team in teams]
    page.pairs(
        [
            ("id", person["person_id"]),
            ("e-mail", person["email"]),
            ("manager", person["manager"]),
            ("deputy", person["deputy"]),
            ("teams", ", ".join(places) or "none"),
            ("zone", person["timezone"]),
            ("hours", _hours(person["calendar"])),
            ("skills", ", ".join(person["skills"])),
            ("territories", ", ".join(person["territories"])),
            ("open leads at most", person["max_open_leads"]),
            ("new leads a day at most", person["max_new_leads_per_day"]),
        ]
    )
    if absences:
        page.heading("Absences")
        for absence in absences:
            absence_line(page, absence, indent=2)


def team_page(page: Page, team: Any) -> None:
    page.line(f"Team {team['name']}", style="bold")
    page.pairs(
        [
            ("id", team["team_id"]),
            ("channel", team["channel_email"] or "the log"),
            ("sponsor", team["sponsor"] or "nobody"),
            ("members", members(team) or "nobody"),
        ]
    )


def members(team: Any) -> str:
    return ", ".join(member["person"] + _weight(team, member["person"]) for member in team["members"])


def clock(instant: str) -> str:
    return f"{datetime.fromisoformat(instant):%a %d %b %Y %H:%M} UTC"


def _weight(team: Any, person: str) -> str:
    weight = next((member["weight"] for member in team["members"] if member["person"] == person), 1)
    return "" if weight == 1 else f" (weight {weight})"


def _hours(calendar: Any) -> str | None:
    if calendar is None:
        return None
    week = [
        f"{day} {' and '.join(f'{start}–{end}' for start, end in calendar['weekly'][day])}"
        for day in _DAYS
        if calendar["weekly"].get(day)
    ]
    others = [name.replace("_", " ") for name in ("date_overrides", "breaks", "holidays") if calendar[name]]
    return f"{', '.join([*week, *others])} ({calendar['timezone']})"
