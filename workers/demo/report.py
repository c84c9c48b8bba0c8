"""The findings of a demo as a table that a head of sales would understand, and as JSON."""

from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from workers.demo.findings import Findings
from workers.demo.stage import Played


class Row(NamedTuple):
    name: str
    leads: int
    share: str
    meaning: str


def show(console: Console, findings: Findings, played: Played, *, hour_seconds: float) -> None:
    """Print the table and what was sent."""
    table = Table(title="What Leadloop caught", title_justify="left", show_lines=False)
    table.add_column("")
    table.add_column("leads", justify="right")
    table.add_column("share", justify="right")
    table.add_column("what it means")
    for row in rows(findings, hour_seconds):
        table.add_row(row.name, f"{row.leads:,}", row.share, row.meaning)
    console.print(table)
    console.print(
        f"{played.sent:,} events sent, {played.repeats:,} of them a second time (known, and changed nothing). "
        "Shares are of the leads handed to sales.",
        soft_wrap=True,
    )


def rows(findings: Findings, hour_seconds: float) -> list[Row]:
    """Each number with its share of the leads handed to sales, and a line that explains it."""
    handed_over = len(findings.handed_over)
    alarmed = sum(story.warned or story.breached or story.retracted for story in findings.handed_over)

    def row(name: str, quality: str, meaning: str) -> Row:
        count = findings.count(quality)
        return Row(name, count, f"{count / handed_over:.0%}" if handed_over else "–", meaning)

    assigned = _seconds(findings.median_seconds("assigned_after"))
    touched = findings.median_seconds("touched_after")
    human = f"half of those touched within {touched / hour_seconds:.1f} shortened hours" if touched else "none yet"
    return [
        Row("captured", len(findings.stories), "", "came in from a form, a campaign, a fair or a partner"),
        Row("handed to sales", handed_over, "", "asked for contact, scored high, or were qualified by marketing"),
        row("assigned", "assigned_after", f"have had one named owner; half of them within {assigned} of the hand-over"),
        row("touched", "touched_after", f"a person of sales reached out; {human}"),
        row("in time", "in_time", "touched before the promise was due"),
        row("warned", "warned", "their owner was reminded before the promise was due"),
        row("saved", "saved", f"touched after a reminder or an alarm: of {alarmed:,} leads that needed one"),
        row("breached", "breached", "not touched by the time promised; somebody was told"),
        row("retracted", "retracted", "announced as breached, until late evidence showed a touch in time"),
        row("escalated", "escalated", "the channel or the manager heard, or the lead was moved"),
        row("reassigned", "reassigned", "given to a colleague, since their owner let them lie"),
        row("ignored", "ignored", "no touch within a business day; this stays in the books"),
        row("automatic only", "automatic_only", "got mail from a sequence and no person: not counted as touched"),
        row("given back", "rejected", "sales said no, each time with a reason that has a consequence"),
        Row("opportunities", _at(findings, "opportunity"), "", "open deals now"),
        Row("won", _at(findings, "won"), "", "closed deals"),
        Row("lost", _at(findings, "lost"), "", "closed with a reason marketing can read"),
    ]


def document(findings: Findings, played: Played, *, run_name: str, seed: int, hour_seconds: float) -> dict[str, Any]:
    """The same for programs; spans in seconds."""
    return {
        "run": run_name,
        "seed": seed,
        "hour_seconds": hour_seconds,
        "events_sent": played.sent,
        "events_repeated": played.repeats,
        "acts_not_played": played.not_played,
        "system_away_seconds": round(played.away_seconds, 1),
        "leads": {row.name.replace(" ", "_"): row.leads for row in rows(findings, hour_seconds)},
        "median_seconds_to_owner": findings.median_seconds("assigned_after"),
        "median_seconds_to_touch": findings.median_seconds("touched_after"),
    }


def _at(findings: Findings, stage: str) -> int:
    return sum(story.stage == stage for story in findings.stories)


def _seconds(span: float | None) -> str:
    return "–" if span is None else f"{span:.2f} s"
