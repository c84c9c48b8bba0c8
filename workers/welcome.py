"""What `leadloop up` says once everything runs."""

import json
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

_SHOWN = {"api": "API", "openapi": "API documentation", "temporal_ui": "Temporal", "figures": "Metrics"}


def show(console: Console, urls: Mapping[str, str], *, key: Path, data: Path, seconds: float) -> None:
    """Print where everything is, and a command that captures a first lead."""
    console.print(f"[bold green]Leadloop is up[/] after {seconds:.1f} s. Ctrl-C stops it.\n")
    table = Table.grid(padding=(0, 2))
    for name, label in _SHOWN.items():
        if name in urls:
            table.add_row(f"  {label}", urls[name])
    table.add_row("  Data", Text(str(data)))
    table.add_row("  Admin key", Text(f"{key} (only you can read it)"))
    console.print(table, soft_wrap=True)
    console.print("\nCapture a lead that asks for a demo:\n")
    # plain, so that nothing wraps or colours what is to be copied
    print(capture_command(urls["api"], key, at=datetime.now(UTC)) + "\n", flush=True)  # noqa: T201  as above


def capture_command(api_url: str, key: Path, *, at: datetime) -> str:
    """A `curl` that sends two CloudEvents in one batch: a lead captured, its hand raised.

    Ids and subject carry the instant, so that each start shows a new lead, and the same command twice is a repeat.
    """
    mark = at.strftime("%Y%m%dT%H%M%SZ")
    common = {"specversion": "1.0", "source": "/tour", "subject": f"visitor-{mark}", "time": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    person = {"source": "website", "name": "Ada Lovelace", "email": "ada@example.com", "company": "Example Engines"}
    events = [
        {**common, "id": f"{mark}-1", "type": "lead.captured", "data": {**person, "country": "GB"}},
        {
            **common,
            "id": f"{mark}-2",
            "type": "lead.hand_raised",
            "data": {"kind": "demo", "words": "Show me, please."},
        },
    ]
    lines = ",\n".join(json.dumps(event) for event in events)
    authorization = f'"Authorization: Bearer $(cat {shlex.quote(str(key))})"'
    return (
        f"curl -sS {api_url}/v1/events \\\n"
        f"  -H {authorization} \\\n"
        "  -H 'Content-Type: application/cloudevents-batch+json' \\\n"
        f"  -d '[{lines}]'"
    )
