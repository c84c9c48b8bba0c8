"""Leads and timelines as the API shows them, made by hand for what a demo finds in them."""

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat()


def line(seconds: float, kind: str, type_: str | None = None, *, stands: bool = True, **data: Any) -> dict[str, Any]:
    return {"at": at(seconds), "kind": kind, "type": type_, "stands": stands, "data": data}


def decision(seconds: float, type_: str, **data: Any) -> dict[str, Any]:
    return line(seconds, "decision", type_, **data)


def clock(name: str = "first_touch", outcome: str | None = None, *, started: float = 0, late: bool = False) -> Any:
    """With an outcome it has ended; `late` without one is overdue."""
    return {
        "key": f"{name}:{started}",
        "clock": name,
        "started_at": at(started),
        "ended_at": at(100) if outcome else None,
        "outcome": outcome,
        "breached_at": at(60) if late or outcome == "breached" else None,
    }


def hand_off(
    kind: str = "marketing_to_rep",
    opened: float = 0,
    touched: float | None = None,
    result: str | None = None,
    **more: Any,
) -> Any:
    made = {
        "kind": kind,
        "opened_at": at(opened),
        "touched_at": None if touched is None else at(touched),
        "result": result,
        "is_ignored": False,
        "is_under_worked": False,
    }
    return made | more


def lead(hand_offs: list[Any], *clocks: Any, stage: str = "assigned", is_counted: bool = True) -> dict[str, Any]:
    made = {"hand_offs": hand_offs, "clocks": list(clocks), "stage": stage, "is_counted": is_counted}
    return made | {"stuck_since": None}


ASSIGNED = [line(0, "hand_off_opened"), line(0.2, "owner_set")]
WARNED = [
    decision(30, "rung_fired", clock="first_touch:0"),
    decision(30, "notice_issued", template="warning", to=["owner:ana"], about="first_touch:0"),
]
BROKEN = [
    decision(60, "rung_fired", clock="first_touch:0"),
    decision(60, "notice_issued", template="breach", to=["owner:ana", "channel:sales"], about="first_touch:0"),
]
MOVED = [decision(70, "assigned", cause="rung", owner="ben")]
PASSED_ON = hand_off(touched=20, result="passed_on")
KEPT, OVERDUE = clock(outcome="met"), clock(late=True)
