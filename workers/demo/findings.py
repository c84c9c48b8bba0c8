"""What Leadloop made of a lead, read from the lead and its timeline as the API shows them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from workers.demo.story import Promise, Story

PROMISES_OF_TOUCH = ("speed_to_lead", "first_touch")
_FROM_MARKETING, _TO_CLOSER, _RE_INQUIRY = "marketing_to_rep", "rep_to_closer", "re_inquiry"
_TO_ABOVE = ("manager", "channel", "team", "deputy", "team_manager")
_ASKED_AGAIN = ("asked_again", "came_back")
_KEPT, _BROKEN = ("met", "met_late"), ("breached", "dodged")


def story_of(subject: str, lead: dict[str, Any], lines: list[dict[str, Any]]) -> Story:
    """`lead` as `GET /v1/leads/{id}` answers, `lines` as its timeline."""
    told = [line for line in lines if line["stands"]]
    hand_offs, clocks = lead["hand_offs"], lead["clocks"]
    first_time = _first_time(hand_offs)
    answers = _promises_of_touch(clocks, hand_offs, len(first_time))
    handed_over_at = _instant(hand_offs[0]["opened_at"]) if hand_offs else None
    touched_at = min(_instants(h["touched_at"] for h in first_time), default=None)
    alarmed_at = min(_instants(line["at"] for line in _decided(told, "rung_fired", answers)), default=None)
    notices = _decided(told, "notice_issued", answers)
    by_closer = [h for h in hand_offs if h["kind"] == _TO_CLOSER]
    by_rep = [h for h in hand_offs if h["kind"] != _TO_CLOSER]
    causes = [line["data"]["cause"] for line in _decided(told, "assigned")]
    return Story(
        subject=subject,
        stage=lead["stage"],
        is_counted=lead["is_counted"],
        is_stuck=lead["stuck_since"] is not None,
        handed_over_at=handed_over_at,
        assigned_after=_between(handed_over_at, _first_at(told, "owner_set")),
        touched_after=_between(handed_over_at, touched_at),
        is_late=any(_became(clock) == "broken" for clock in answers),
        warned=any(line["data"]["template"] == "warning" for line in notices),
        retracted=bool(_decided(told, "breach_retracted", answers)),
        escalated="rung" in causes or any(_is_above(line) for line in notices),
        reassigned="rung" in causes,
        saved=touched_at is not None and alarmed_at is not None and alarmed_at < touched_at,
        ignored=any(h["is_ignored"] for h in hand_offs),
        automatic_only=_modes(told) == {"sequence_auto"},
        waived=any(clock["outcome"] == "waived" for clock in clocks),
        claimed=_has(told, "command", "claim"),
        under_worked=any(h["is_under_worked"] for h in hand_offs),
        given_back=any(h["result"] in ("rejected", "recycled") for h in by_rep),
        asked_again=any(line["kind"] in _ASKED_AGAIN for line in told),
        re_inquired=any(h["kind"] == _RE_INQUIRY for h in hand_offs),
        passed_on=bool(by_closer),
        closer_won=any(h["result"] == "won" for h in by_closer),
        returned=any(h["result"] == "returned" for h in by_closer),
        feedback_asked=_has(told, "decision", "feedback_asked"),
        feedback_given=any(clock["clock"] == "feedback" and _became(clock) == "kept" for clock in clocks),
        promises=tuple(Promise(clock["clock"], _became(clock)) for clock in clocks),
    )


def _first_time(hand_offs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Until a closer has it, or it has come back: with whoever it was first, and whom it was sent on to."""
    first: list[dict[str, Any]] = []
    for hand_off in hand_offs:
        if hand_off["kind"] != _FROM_MARKETING:
            break
        first.append(hand_off)
    return first


def _promises_of_touch(
    clocks: list[dict[str, Any]], hand_offs: list[dict[str, Any]], first: int
) -> list[dict[str, Any]]:
    """Those of the first `first` hand-offs: started before the next one."""
    until = hand_offs[first]["opened_at"] if first < len(hand_offs) else None
    return [
        clock
        for clock in clocks
        if clock["clock"] in PROMISES_OF_TOUCH
        and (until is None or _instant(clock["started_at"]) < _instant(until))
    ]  # fmt: skip


def _became(clock: dict[str, Any]) -> str:
    if clock["outcome"] == "waived":
        return "waived"
    if clock["breached_at"] is not None or clock["outcome"] in _BROKEN:
        return "broken"
    if clock["outcome"] in _KEPT:
        return "kept"
    return "running" if clock["ended_at"] is None else "let go"


def _decided(told: list[dict[str, Any]], name: str, about: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Decisions of a name; with `about`, those about one of these clocks."""
    found = [line for line in told if line["kind"] == "decision" and line["type"] == name]
    if about is None:
        return found
    keys = {clock["key"] for clock in about}
    return [line for line in found if line["data"].get("clock", line["data"].get("about")) in keys]


def _has(told: list[dict[str, Any]], kind: str, type_: str) -> bool:
    return any(line["kind"] == kind and line["type"] == type_ for line in told)


def _is_above(notice: dict[str, Any]) -> bool:
    """Whether an alarm went to anyone above the owner."""
    if notice["data"]["template"] not in ("breach", "escalation"):
        return False
    return any(to.partition(":")[0] in _TO_ABOVE for to in notice["data"]["to"])


def _modes(told: list[dict[str, Any]]) -> set[str]:
    """How the lead was reached: by mail of a machine, or by people."""
    modes = {line["data"].get("mode") for line in told if line["type"] == "lead.touched"}
    return {str(mode) for mode in modes} | ({"command"} if _has(told, "command", "touch") else set())


def _first_at(told: list[dict[str, Any]], kind: str) -> datetime | None:
    return next(_instants(line["at"] for line in told if line["kind"] == kind), None)


def _instants(texts: Iterable[str | None]) -> Iterator[datetime]:
    return (_instant(text) for text in texts if text is not None)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return None if start is None or end is None else max(end - start, timedelta())
