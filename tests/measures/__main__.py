"""Measure everything, or some of it, and say what holds: `make bench`, or `python -m tests.measures --rows decide`."""

import argparse
import asyncio
import json
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from os import cpu_count, getloadavg
from pathlib import Path
from subprocess import run
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.measures import alarms, cost, decide, ingest, latency, life, preview, scale, workers, workflow
from tests.measures.figures import Figure, Pace, Row

ROWS: tuple[Row, ...] = (
    ingest.ROW, life.ROW, latency.ROW, alarms.ROW, cost.ROW, workers.ROW, decide.ROW, workflow.ROW, preview.ROW,
    scale.ROW,
)  # fmt: skip
_HOLDS = {None: "", True: "holds ", False: "FAILS "}


def machine() -> dict[str, Any]:
    """What it was measured on."""
    names = [line for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text("utf-8").split()[1]
    git = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    commit = run(git, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  words of this module
    return {
        "commit": commit or "unknown",
        "load": round(getloadavg()[0], 1),
        "processor": names[0].partition(": ")[2] if names else platform.processor(),
        "cores": cpu_count(),
        "memory_gib": round(int(memory) / 2**20, 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
    }


def table(found: dict[str, list[Figure]]) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("row", "figure", "measured", "bare", "ratio", "should be", ""):
        shown.add_column(heading, justify="right" if heading in ("measured", "bare", "ratio") else "left")
    for row, figures in found.items():
        for figure in figures:
            shown.add_row(
                row, figure.name, f"{figure.value:,.4g} {figure.unit}", _number(figure.baseline), _spread(figure),
                _bound(figure), f"{_HOLDS[figure.holds]}{figure.note}",
            )  # fmt: skip
    return shown


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"


def _spread(figure: Figure) -> str:
    between = f" ({figure.spread[0]:.2f}–{figure.spread[1]:.2f})" if figure.spread else ""
    return f"{figure.ratio:.2f}{between}" if figure.ratio is not None else between.strip()


def _bound(figure: Figure) -> str:
    parts = [f"≥ {figure.at_least:g}" if figure.at_least is not None else ""]
    parts.append(f"≤ {figure.at_most:g}" if figure.at_most is not None else "")
    return " ".join(part for part in parts if part)


async def measured(rows: list[Row], pace: Pace, console: Console) -> dict[str, list[Figure]]:
    found = {}
    for row in rows:
        began = perf_counter()
        console.print(f"{row.name}: {row.about} …", style="dim")
        try:
            found[row.name] = await row.measure(pace)
        except Exception:  # noqa: BLE001  what the other rows found is not lost for one
            console.print_exception()
            found[row.name] = [Figure(name="could not be measured", value=0, unit="", at_least=1)]
        console.print(f"{row.name} took {perf_counter() - began:.0f} s", style="dim")
    return found


def main(arguments: Sequence[str] | None = None, rows: Sequence[Row] = ROWS) -> int:
    """Measure as the arguments say. Returns the exit code: 1 where a figure does not hold."""
    names = [row.name for row in rows]
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--rows", nargs="+", choices=names, default=names, help="only these")
    asked.add_argument("--json", type=Path, help="write the figures there as well")
    asked.add_argument("--seconds", type=float, default=Pace().seconds, help="of each turn of a rate")
    asked.add_argument("--turns", type=int, default=Pace().turns, help="of which the median is taken")
    asked.add_argument("--quick", action="store_true", help="smallest sizes: only to see that everything runs")
    options = asked.parse_args(arguments)
    if not Path("/proc").is_dir():
        asked.error("processor time and memory are read from /proc: measure on Linux")
    if options.turns < 1 or options.seconds <= 0:
        asked.error("--turns and --seconds must be more than nothing")
    if options.json and not options.json.parent.is_dir():
        asked.error(f"--json: there is no folder {options.json.parent}")
    pace = Pace(seconds=options.seconds, turns=options.turns, is_quick=options.quick)
    console = Console()
    found = asyncio.run(measured([row for row in rows if row.name in options.rows], pace, console))
    on = machine()
    console.print(table(found))
    console.print(", ".join(f"{name} {value}" for name, value in on.items()), style="dim")
    if options.json:
        figures = {row: [figure.as_json() for figure in rest] for row, rest in found.items()}
        written = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": on, "rows": figures}
        options.json.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return 0 if all(figure.holds is not False for rest in found.values() for figure in rest) else 1


if __name__ == "__main__":
    sys.exit(main())
