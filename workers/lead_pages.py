"""`leadloop lead show` and `explain`: an explanation as a colleague would give it."""

from typing import Any

from workers.terminal_page import Page

_MARKS = {
    "running": ("●", "cyan"),
    "overdue": ("!", "bold red"),
    "met": ("✓", "green"),
    "met_late": ("✓", "yellow"),
    "breached": ("✗", "red"),
    "dodged": ("✗", "red"),
    "waived": ("–", "dim"),
    "cancelled": ("–", "dim"),
}
_RUNGS = {"fired": "●", "coming": "○", "skipped": "–", "not_reached": " "}
_IN_FULL = ("running", "overdue", "breached", "dodged", "met_late")
_SHOWN_NEXT = 3


def show(found: Any, told: Any) -> None:
    """A lead in short."""
    page = Page()
    _head(page, found, told)
    page.line()
    page.pairs([
        ("E-mail", found["email"]), ("Phone", found["phone"]), ("From", found["source"]),
        ("Segment", found["segment"]), ("Score", found["score"] or None),
        ("Waiting", "an event of this lead cannot be read; ops can see why" if found["stuck_since"] else None),
    ])  # fmt: skip
    if promises := _worth_a_word(told["promises"]):
        page.heading("Promises")
        for promise in promises:
            _one_line(page, promise)
    if told["coming"]:
        page.heading("Next, if nobody acts")
        for step in told["coming"][:_SHOWN_NEXT]:
            page.line(step["sentence"], indent=2)
    _foot(page, told, found, "explain")


def explain(found: Any, told: Any) -> None:
    """Everything there is to say."""
    page = Page()
    _head(page, found, told)
    page.heading("Where it stands")
    page.line(told["stage"]["sentence"], indent=2)
    _owner(page, told["owner"])
    if promises := _worth_a_word(told["promises"]):
        page.heading("What is promised")
        for number, promise in enumerate(promises):
            if number and promise["state"] in _IN_FULL:
                page.line()
            _promise(page, promise)
    if told["coming"]:
        page.heading("What happens next, if nobody acts")
        for step in told["coming"]:
            page.line(step["sentence"], indent=2)
    _worth_knowing(page, told)
    page.heading("Rules")
    page.line(told["rules"]["sentence"], indent=2)
    page.line(told["rules"]["real_touch"], indent=2)
    _foot(page, told, found, "timeline")


def _worth_a_word(promises: list[Any]) -> list[Any]:
    """That a stage was left in time is said by what came next."""
    return [promise for promise in promises if promise["clock"] != "stage" or promise["state"] != "met"]


def _head(page: Page, found: Any, told: Any) -> None:
    who = ", ".join(part for part in (found["name"], found["company"]) if part) or "Name not known"
    page.line(who, style="bold")
    page.line(f"lead {found['lead_id']}", style="dim")
    page.line()
    page.line(told["summary"])


def _foot(page: Page, told: Any, found: Any, more: str) -> None:
    page.line()
    page.line(f"Times are in {told['timezone']}. More: leadloop lead {more} {found['lead_id']}", style="dim")


def _owner(page: Page, owner: Any) -> None:
    page.heading("Who has it")
    page.line(owner["sentence"], indent=2)
    for candidate in owner["candidates"]:
        page.line(candidate["sentence"], indent=4, mark="✓" if candidate["chosen"] else "·")


def _one_line(page: Page, promise: Any) -> None:
    mark, style = _MARKS.get(promise["state"], ("●", ""))
    page.line(promise["sentence"], indent=2, mark=mark, style=style)


def _promise(page: Page, promise: Any) -> None:
    _one_line(page, promise)
    if promise["state"] in _IN_FULL:
        page.line(promise["started"], indent=4)
        _reckoning(page, promise["reckoning"])
    for said in (promise["kept_by"], promise["breach"], *(pause["sentence"] for pause in promise["pauses"])):
        if said:
            page.line(said, indent=4)
    rungs = [rung for rung in promise["ladder"] if rung["state"] != "not_reached"]
    if rungs:
        page.line("Alarms:", indent=4)
    for rung in rungs:
        page.line(rung["sentence"], indent=6, mark=_RUNGS[rung["state"]], style="dim" if rung["at"] is None else "")


def _reckoning(page: Page, reckoning: Any) -> None:
    page.line(f"Promised: {reckoning['sentence']}.", indent=4)
    for line in reckoning["lines"]:
        page.line(line["sentence"], indent=6, style="dim")
    for note in reckoning["notes"]:
        page.line(note, indent=6)


def _worth_knowing(page: Page, told: Any) -> None:
    said = [story["sentence"] for story in told["ignored"] if story["state"] == "ignored"]
    said += [story["sentence"] for story in (*told["overtaken"], *told["anomalies"])]
    if len(told["hand_offs"]) > 1:
        said += [story["sentence"] for story in told["hand_offs"]]
    if not told["is_complete"]:
        said.append("Its journal is too long to be read for this, so some reasons are missing here.")
    if said:
        page.heading("Worth knowing")
    for sentence in said:
        page.line(sentence, indent=2, mark="·")
