"""A preview as `leadloop playbook preview` prints it: sentences first, then tables."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from leads.telling.nouns import noun
from leads.telling.words import lasting
from workers.terminal_page import Page

_Row = Sequence[str]
_EXAMPLES = {
    "breached": "broken at once",
    "held": "held until confirmed",
    "given_away": "another owner, team or queue",
    "notified": "told of at once",
    "earlier": "due earlier",
    "later": "due later",
    "missed": "would have been missed",
    "kept": "would have been kept",
}


def show(found: dict[str, Any]) -> None:
    """Print the whole preview."""
    page = Page()
    for sentence in found["summary"]:
        page.line(sentence)
    _show_open(page, found["open"])
    if found["past"]:
        _show_past(page, found["past"])
    examples = [*found["open"]["examples"], *(found["past"]["examples"] if found["past"] else ())]
    if examples:
        page.heading("Leads to look at, with leadloop lead explain")
        _table(page, (), [_example(each) for each in examples])
    page.line()
    at = _instant(found["at"])
    page.line(f"As of {at}, beside revision {found['base']}; times are UTC. Nothing has been changed.")


def _show_open(page: Page, found: dict[str, Any]) -> None:
    moving = [each for each in found["promises"] if each["moved"] or each["ended"] or each["started"]]
    if moving:
        page.heading("Promises that run")
        head: _Row = ("promise", "running", "earlier", "later", "median", "from", "to", "end", "start")
        _table(page, head, [_promise(each) for each in moving])
    if found["shifts"]:
        page.heading("By how much they move")
        _table(page, (), [_step(each) for each in found["shifts"] if each["promises"]])
    told = [each for each in found["notices"] if each["old"] != each["new"]]
    if told:
        page.heading("Told at once")
        rows = [
            (each["rung"] or each["template"], each["role"], _count(each["old"]), _count(each["new"])) for each in told
        ]
        _table(page, ("rung or notice", "to", "as it is", "draft"), rows)
    if found["touched"]:
        for name, title in (("by_segment", "Open leads by segment"), ("by_team", "Open leads by team")):
            page.heading(title)
            head = ("", "leads", "touched", "promises", "overdue", "escalated")
            _table(page, head, [_open_group(each) for each in found[name]])


def _show_past(page: Page, found: dict[str, Any]) -> None:
    since = found["since"][:10]
    if found["by_clock"]:
        page.heading(f"Since {since}, by promise")
        rows = [(noun(each["name"]), *_fates(each["old"], each["new"])) for each in found["by_clock"]]
        _table(page, ("", "promises", "missed", "escalated"), rows)
    for name, title in (("by_segment", "segment"), ("by_team", "team")):
        groups = [*found[name], *([found["whole"]] if len(found[name]) > 1 else ())]
        if groups:
            page.heading(f"Since {since}, by {title}")
            head = ("", "hand-offs", "ignored", "promises", "missed", "escalated")
            _table(
                page, head, [(each["name"], *_hand_offs(each), *_fates(each["old"], each["new"])) for each in groups]
            )


def _promise(each: dict[str, Any]) -> _Row:
    shift = each["shift"]
    ways = [_way(shift[name]) for name in ("median", "least", "most")] if shift else ["", "", ""]
    counts = [_count(each[name]) for name in ("running", "earlier", "later")]
    return (noun(each["clock"]), *counts, *ways, _count(each["ended"]), _count(each["started"]))


def _step(each: dict[str, Any]) -> _Row:
    low, high = each["from_seconds"], each["to_seconds"]
    is_earlier = high is not None and high <= 0
    near, far = (high, low) if is_earlier else (low, high)
    way = "earlier" if is_earlier else "later"
    if far is None:
        said = f"over {_length(near)} {way}"
    elif not near:
        said = f"up to {_length(far)} {way}"
    else:
        said = f"{_length(near)} to {_length(far)} {way}"
    return (said, _count(each["promises"]))


def _open_group(each: dict[str, Any]) -> _Row:
    old, new = each["old"], each["new"]
    return (
        each["name"], _count(each["leads"]), _count(each["touched"]), _from_to(old["promises"], new["promises"]),
        _shares(old, new, "broken_share"), _shares(old, new, "escalated_share"),
    )  # fmt: skip


def _hand_offs(group: dict[str, Any]) -> _Row:
    return tuple(_from_to(group["old"][name], group["new"][name]) for name in ("hand_offs", "ignored"))


def _fates(old: dict[str, Any], new: dict[str, Any]) -> _Row:
    return (
        _from_to(old["promises"], new["promises"]),
        _shares(old, new, "missed_share"), _shares(old, new, "escalated_share"),
    )  # fmt: skip


def _from_to(old: int, new: int) -> str:
    return _count(new) if old == new else f"{old:,} → {new:,}"


def _shares(old: dict[str, Any], new: dict[str, Any], name: str) -> str:
    before, after = (f"{side[name]:.1%}" if side[name] is not None else "–" for side in (old, new))
    return after if before == after else f"{before} → {after}"


def _example(each: dict[str, Any]) -> _Row:
    dues = [_instant(each[name]) for name in ("old_due_at", "new_due_at") if each[name]]
    return (each["lead_id"], _EXAMPLES[each["kind"]], noun(each["clock"]) if each["clock"] else "", " → ".join(dues))


def _instant(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"


def _length(seconds: int) -> str:
    return lasting(timedelta(seconds=abs(seconds)))


def _way(seconds: int) -> str:
    return f"{'−' if seconds < 0 else '+'}{_length(seconds)}"


def _count(number: int) -> str:
    return f"{number:,}"


def _table(page: Page, head: _Row, rows: Iterable[_Row]) -> None:
    """Columns as wide as what stands in them: words to the left, numbers to the right."""
    body = list(rows)
    lines = [*([head] if head else ()), *body]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    words = [any(line[place][:1].isalpha() for line in body) for place in range(len(lines[0]))]
    for line in lines:
        cells = [
            cell.ljust(width) if is_words else cell.rjust(width)
            for cell, width, is_words in zip(line, widths, words, strict=True)
        ]
        page.line("  ".join(cells).rstrip(), indent=2, style="bold" if head and line is head else "")
