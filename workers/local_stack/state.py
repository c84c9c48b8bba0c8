"""What runs on this data folder, written down for other commands of this machine."""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

Health = Literal["starting", "up", "down", "stopped"]


@dataclass(frozen=True)
class ServiceState:
    """One server: `down` is ended and to be restarted; `since` is when it became so (ISO 8601, UTC)."""

    name: str
    health: Health
    pid: int | None
    restarts: int
    since: str


@dataclass(frozen=True)
class StackState:
    """The supervisor's process, where things are served, and how each server fares."""

    pid: int
    urls: dict[str, str]
    services: list[ServiceState] = field(default_factory=list)


def write(path: Path, state: StackState) -> None:
    """Replace the file as a whole, readable by its owner only."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(state), file, indent=2)
    fresh.replace(path)


def read(path: Path) -> StackState | None:
    """The state last written; None when there is none, or it can't be understood."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
        services = [ServiceState(**service) for service in found["services"]]
        return StackState(pid=int(found["pid"]), urls=dict(found["urls"]), services=services)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
