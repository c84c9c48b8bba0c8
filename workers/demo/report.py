"""The findings of a demo as a head of sales would read them, and as JSON. Every number names a lead to look at."""

from typing import Any

from rich.console import Console

from workers.demo.played import Played
from workers.demo.story import Story
from workers.demo.tally import Finding, Kept, findings, kept, seconds_to

MOST_SUBJECTS = 50
_NAME = 19


def show(console: Console, stories: list[Story], played: Played, *, hour_seconds: float) -> None:
    """Print a line per number, and under it how to look at one of the leads it counts."""
    group, shown = "", set[str]()
    for finding in findings(stories, hour_seconds):
        if finding.group != group:
            group = finding.group
            _print(console, f"\n{group}\n")
        _print(console, line_of(finding))
        if finding.leads and finding.of is not None:
            shown.add(example := example_of(finding.subjects, shown))
            _print(console, _look_at(example))
    _print(console, "\nWhat became of the promises\n")
    for promise in kept(stories):
        _print(console, line_of_promise(promise))
        if promise.broken:
            shown.add(example := example_of(promise.broken, shown))
            _print(console, f"{_look_at(example)}   (broken)")
    _print(console, f"\n{_sent(played)}")
    for refusal in played.refusals[:1]:
        _print(console, f"A refusal: {refusal.command}: {refusal.why}\n{_look_at(refusal.subject)}")


def line_of(finding: Finding) -> str:
    """A number with its arithmetic."""
    part = ""
    if finding.of:
        part = f"of {finding.of:,} {finding.of_what} = {finding.leads / finding.of:.0%}; "
    return f"  {finding.name:<{_NAME}}{finding.leads:>6,}  {part}{finding.meaning}"


def line_of_promise(promise: Kept) -> str:
    terms = " + ".join(f"{number:,} {word}" for word, number in promise.became.items() if number)
    decided = promise.became["kept"] + promise.became["broken"]
    share = f"; kept {promise.became['kept']:,} of {decided:,} = {promise.became['kept'] / decided:.0%}"
    return f"  {promise.name:<{_NAME}}{promise.total:>6,}  = {terms}{share if decided else ''}"


def example_of(subjects: list[str], shown: set[str]) -> str:
    """A lead not shown yet, if there is one."""
    return next((subject for subject in subjects if subject not in shown), subjects[0])


def _look_at(subject: str) -> str:
    return f"{'':<{_NAME + 10}}leadloop lead explain {subject}"


def _sent(played: Played) -> str:
    return (
        f"{played.sent:,} events sent, {played.repeats:,} of them a second time (known, and changed nothing). "
        f"{played.granted + played.refused:,} commands given = {played.granted:,} granted + {played.refused:,} refused."
    )


def _print(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, markup=False)


def document(stories: list[Story], played: Played, *, run_name: str, seed: int, hour_seconds: float) -> dict[str, Any]:
    """The same for programs; spans in seconds."""
    found = findings(stories, hour_seconds)
    return {
        "run": run_name,
        "seed": seed,
        "hour_seconds": hour_seconds,
        "events_sent": played.sent,
        "events_repeated": played.repeats,
        "commands_granted": played.granted,
        "commands_refused": played.refused,
        "refusals": [{"subject": r.subject, "command": r.command, "why": r.why} for r in played.refusals],
        "acts_not_played": played.not_played,
        "system_away_seconds": round(played.away_seconds, 1),
        "leads": {_key(finding.name): finding.leads for finding in found},
        "findings": [_finding(finding) for finding in found],
        "promises": [
            {"promise": p.name, "total": p.total, **p.became, "broken_subjects": p.broken[:MOST_SUBJECTS]}
            for p in kept(stories)
        ],
        "median_seconds_to_owner": seconds_to(stories, "assigned_after"),
        "median_seconds_to_touch": seconds_to(stories, "touched_after"),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "name": _key(finding.name),
        "leads": finding.leads,
        "of": finding.of,
        "of_what": finding.of_what or None,
        "meaning": finding.meaning,
        "subjects": finding.subjects[:MOST_SUBJECTS],
    }


def _key(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")
