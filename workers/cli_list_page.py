"""What `leadloop list` prints: a list as lines a person reads."""

from datetime import timedelta
from typing import Any

from leads.telling.words import lasting
from workers.cli_roster_pages import clock
from workers.terminal_page import Page

_STATES = {"paused": "paused", "cancelled": "cancelled"}


def list_line(page: Page, found: Any) -> None:
    """One list in a line."""
    counts = [f"{found[name]:,} {name}" for name in ("uploaded", "waiting", "released", "touched", "ignored")]
    state = f", {found['state']}" if found["state"] in _STATES else ""
    page.line(f"{found['name']}{state}: {', '.join(counts)}")


def list_page(page: Page, found: Any) -> None:
    """Everything there is to know of one."""
    page.line(f"List {found['name']}, {_state(found)}", style="bold")
    page.pairs(
        [
            ("event ended", found["event_ended_at"] and clock(found["event_ended_at"])),
            ("uploaded", _uploaded(found)),
            ("marketing's promise", _promise(found)),
            ("marketing owner", found["marketing_owner"]),
            ("goes to", f"team {found['team']}, {found['per_rep_a_day']} to each person and day"),
            ("looks again", found["looks_again_at"] and clock(found["looks_again_at"])),
        ]
    )
    page.heading("Leads")
    page.pairs(
        [
            ("uploaded", f"{found['uploaded']:,}"),
            ("waiting", f"{found['waiting']:,}"),
            ("released", f"{found['released']:,} by capacity, {found['released_early']:,} out of turn"),
            ("touched", f"{found['touched']:,}"),
            ("ignored", f"{found['ignored']:,}"),
            ("known before", f"{found['known']:,}"),
            ("ruled out", f"{found['ruled_out']:,}"),
            ("on with marketing", f"{found['let_go']:,}"),
            ("rejected rows", _rejected(found)),
        ]
    )


def _state(found: Any) -> str:
    if found["state"] in _STATES:
        return f"{found['state']} by {found['state_by']} on {clock(found['state_at'])}"
    if not found["uploaded"]:
        return "not uploaded yet"
    return "being released" if found["waiting"] else "all of it released"


def _uploaded(found: Any) -> str | None:
    first, last = found["first_uploaded_at"], found["last_uploaded_at"]
    if first is None:
        return "not yet"
    return clock(first) if first == last else f"{clock(first)}, the last lead {clock(last)}"


def _promise(found: Any) -> str | None:
    upload = found["upload"]
    if upload is None:
        return "none: nobody has said when the event ended"
    delay, working = (lasting(timedelta(seconds=upload[name])) for name in ("delay_seconds", "working_seconds"))
    took = f"{delay} after the event, {working} of working time"
    match upload["outcome"]:
        case "met":
            return f"kept: {took}; it was due {clock(upload['due_at'])}"
        case "breached":
            told = f"; told {clock(upload['announced_at'])}" if upload["announced_at"] else ""
            return f"broken: {took}; it was due {clock(upload['due_at'])}{told}"
    return f"due {clock(upload['due_at'])}"


def _rejected(found: Any) -> str:
    return f"{found['rows_rejected']:,} of {found['rows_read']:,} in the last file" if found["rows_read"] else "no file"
