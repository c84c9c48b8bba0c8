"""`leadloop lead timeline`: what happened to a lead, day by day; what follows from each thing stands under it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from leads.telling.lines import corrected
from leads.telling.words import Words, lasting
from workers.terminal_page import Page

_MARKS = {"fact": "●", "command": "▸", "decision": "◆", "corrected": "↶", "reinstated": "↷", "amended": "↻"}
"""Lines that stand by themselves; all others follow from the one before."""
_STYLES = {"command": "cyan", "decision": "dim", "corrected": "yellow", "reinstated": "yellow", "amended": "yellow"}
_CORRECTIONS = ("corrected", "reinstated", "amended")
_SAID_ALREADY = {"owner_set", "queued"}
"""What an entry that gives a lead to somebody has said."""
_GIVERS = {"assigned", "queued", "lead.assigned", "reassign", "claim"}
_LATE = timedelta(minutes=1)


def tell(found: Any, told: Any) -> None:
    """The whole story. Lines stand in the order in which they were written down."""
    page = Page()
    words = Words(ZoneInfo(told["timezone"]), _instant(found["updated_at"]))
    who = ", ".join(part for part in (found["name"], found["company"]) if part) or "Name not known"
    page.line(who, style="bold")
    page.line(f"lead {found['lead_id']}", style="dim")
    lines = [*_worth_telling(_with_fates(told["lines"]))]
    if _jumps_back(lines):
        page.line("Lines stand in the order in which Leadloop learned of them, so times jump back.", style="dim")
    day = ""
    for line in lines:
        at = _when(line)
        if line["kind"] in _MARKS:
            if words.day(at) != day:
                day = words.day(at)
                page.heading(day)
            _entry(page, line, words)
        else:
            page.line(line["sentence"] + line["fate"], indent=11, mark="→", style=_struck(line, ""))
    page.line()
    more = "There is more: --limit shows it. " if told["next"] is not None else ""
    page.line(
        f"{more}Times are in {told['timezone']}.  ● heard  ▸ asked for  ◆ decided  ↶ taken back  ↻ put right",
        style="dim",
    )


def _with_fates(lines: list[Any]) -> list[Any]:
    """The lines with what later ones made of them, without what was put right in a word that no sentence says."""
    sentences = {line["number"]: line["sentence"] for line in lines}
    told = [line for line in lines if not _is_silent(line, sentences)]
    last: dict[int, Any] = {line["corrects"]: line for line in told if line["kind"] in _CORRECTIONS}
    return [line | {"fate": _fate(line, last.get(line["corrects"] or line["number"]))} for line in told]


def _is_silent(line: Any, sentences: dict[int, str]) -> bool:
    before = sentences.get(line["corrects"], "")
    return line["kind"] == "amended" and str(line["sentence"]) == corrected(line["kind"], before)


def _fate(line: Any, last: Any | None) -> str:
    """`last` is the latest line that corrects the same."""
    if line["stands"] or last is None or last["number"] <= line["number"]:
        return ""
    return " (taken back later)" if last["kind"] == "corrected" else " (put right later)"


def _worth_telling(lines: list[Any]) -> Iterator[Any]:
    giver = False
    for line in lines:
        if line["kind"] in _MARKS:
            giver = line["type"] in _GIVERS
        # what an alarm came to, a notice or a move, says that it was due
        is_said = line["type"] == "rung_fired" or (giver and line["kind"] in _SAID_ALREADY)
        if not is_said and not _is_stage_in_time(line):
            yield line


def _is_stage_in_time(line: Any) -> bool:
    """How long a lead may stay in a stage is worth a word once it has stayed too long."""
    is_of_stage = line["kind"] in ("clock_started", "clock_ended") and line["data"].get("clock") == "stage"
    return is_of_stage and line["data"].get("outcome") != "breached"


def _jumps_back(lines: list[Any]) -> bool:
    times = [_when(line) for line in lines if line["kind"] in _MARKS]
    return any(later < earlier for earlier, later in pairwise(times))


def _entry(page: Page, line: Any, words: Words) -> None:
    at = _when(line)
    late = ""
    if line["heard_at"] and _instant(line["heard_at"]) - at >= _LATE and line["kind"] == "fact":
        late = f" Word of it came {lasting(_instant(line['heard_at']) - at)} later."
    time = at.astimezone(words.zone).strftime("%H:%M:%S")
    style = _struck(line, _STYLES.get(line["kind"], ""))
    page.line(f"{line['sentence']}{late}{line['fate']}", mark=f"{time} {_MARKS[line['kind']]}", style=style)


def _when(line: Any) -> datetime:
    """A correction stands where it was made, all else where it counts."""
    return _instant(line["recorded_at" if line["kind"] in _CORRECTIONS else "at"])


def _struck(line: Any, style: str) -> str:
    return "dim strike" if line["fate"] else style


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
