"""`leadloop report`: numbers for people who decide."""

import json
from collections import Counter
from datetime import date, datetime
from typing import Annotated, Any

import typer

from workers.errors import CliError
from workers.settings import load_settings

report_app = typer.Typer(help="Numbers for people who decide.", no_args_is_help=True)
_NOW = {
    "shadow": "It stands in shadow now.",
    "notify_owner": "Only owners are told now.",
    "full": "All of it is told now.",
}
_SAYS = {
    "assigned": "a lead is theirs", "asked_again": "the buyer asked again", "overtaken": "word came late",
    "unassigned": "a lead waits in the queue", "ignored": "a lead was ignored", "feedback_asked": "what came of it",
}  # fmt: skip
_ROLES = {"owner": "owners", "deputy": "deputies", "manager": "managers", "team": "everyone in the team",
          "team_manager": "the team's managers", "channel": "the channel"}  # fmt: skip


@report_app.command()
def shadow(
    team: Annotated[str, typer.Option("--team", help="A team of the roster, by its id.")],
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="The first day, as 2026-05-04.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002  a flag
) -> None:
    """What a team was spared in shadow, week by week: notices, moves, and the promises that were broken."""
    from workers.api_client import call  # noqa: PLC0415  heavy

    try:
        day = date.fromisoformat(since)
    except ValueError:
        raise CliError("--since is a day, as 2026-05-04") from None
    found = call(load_settings(), "GET", "/v1/reports/shadow", params={"team": team, "since": day.isoformat()})
    if as_json:
        typer.echo(json.dumps(found))
    else:
        _show(found)


def _show(found: Any) -> None:
    from workers.terminal_page import Page  # noqa: PLC0415  heavy

    page = Page()
    page.line(f"What {found['name']} was spared since {_day(found['since'])}", style="bold")
    page.line(f"{_NOW[found['mode']]} Weeks are those of {found['timezone']}.")
    if not found["weeks"]:
        page.line("Nothing was held back.")
    for week in found["weeks"]:
        page.heading(f"Week of {_day(week['week'])}")
        _notices(page, week["notices"])
        _numbers(page, week)


def _notices(page: Any, notices: list[Any]) -> None:
    """By what they would have said, in the order of how many would have heard."""
    if not notices:
        return
    heard: dict[str, Counter[str]] = {}
    for line in notices:
        heard.setdefault(_about(line), Counter())[_ROLES.get(line["role"], line["role"])] += line["count"]
    total = sum(line["count"] for line in notices)
    page.line(f"{total:,} {'notice' if total == 1 else 'notices'} would have gone out:", indent=2)
    page.pairs([(about, _listed(roles)) for about, roles in heard.items()], indent=4)


def _about(line: Any) -> str:
    if line["rung"] is None:
        return _SAYS.get(line["template"], _plain(line["template"]))
    return f"{_plain(line['clock'])}, {_plain(line['rung'])}"


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())


def _numbers(page: Any, week: Any) -> None:
    if week["breaches"]:
        broken = ", ".join(f"{_plain(found['clock'])} {found['count']:,}" for found in week["breaches"])
        page.line(f"Promises broken: {broken}.", indent=2)
    if week["given_out"]:
        page.line(
            f"Leads that would have been given out: {week['given_out']:,}; "
            f"{week['as_the_crm']:,} of them to the person who has them now.",
            indent=2,
        )
    if week["reassigned"] or week["back_to_queue"]:
        page.line(
            f"Leads that a ladder would have moved: {week['reassigned']:,} to somebody else, "
            f"{week['back_to_queue']:,} back into the queue.",
            indent=2,
        )


def _day(text: str) -> str:
    return f"{datetime.fromisoformat(text):%a %-d %b %Y}"


def _plain(code: str | None) -> str:
    return (code or "").replace("_", " ")
