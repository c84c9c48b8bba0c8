"""A Leadloop and a clock in memory, on which a script is played."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from workers.demo.casting import Standing
from workers.demo.script import Act, By
from workers.demo.stage import Stage, SystemAwayError

START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
ANA = Standing("ana", "ana")


def planned(seconds: float, type_: str = "lead.touched", by: By = By.OWNER, lead: int = 1, **more: Any) -> Act:
    return Act(lead, f"{lead}-{type_}-{seconds}", type_, timedelta(seconds=seconds), by=by, **more)


CAPTURED = planned(0, "lead.captured", By.NOBODY)


@dataclass
class World:
    """`standings_since` says how leads stand from which second on; `refuses` why a command is not granted."""

    standings_since: list[tuple[float, Standing]] = field(default_factory=lambda: [(0, ANA)])
    away_between: tuple[float, float] = (-1, -1)
    refuses: Callable[[dict[str, Any]], str | None] = lambda _: None
    passed: float = 0
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    commands: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    """Key, actor and body of each that was given."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)

    async def send(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self._answer()
        known = {event["id"]: event for event in self.events}
        assert all(known.get(event["id"], event) == event for event in events), "a repeat is the same to the letter"
        assert len({event["id"] for event in events}) == len(events)
        self.batches.append(events)
        return [{"lead_id": event["subject"], "duplicate": event["id"] in known} for event in events]

    async def standing(self, lead_id: str) -> Standing:
        del lead_id
        return [standing for since, standing in self.standings_since if since <= self.passed][-1]

    async def give(self, lead_id: str, command: dict[str, Any], *, actor: str, key: str) -> str | None:
        del lead_id
        self._answer()
        self.commands.append((key, actor, command))
        return self.refuses(command)

    def _answer(self) -> None:
        if self.away_between[0] <= self.passed < self.away_between[1]:
            raise SystemAwayError

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for batch in self.batches for event in batch]

    async def play(self, *script: Act, seconds: float = 60) -> Stage:
        stage = Stage(self, "run", script, now=self.now, sleep=self.sleep)
        await stage.play(timedelta(seconds=seconds), lambda _: None)
        return stage

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def touches(self) -> list[tuple[str, float]]:
        """By whom, and at which second they say they happened."""
        return [
            (event["data"]["by"], (datetime.fromisoformat(event["time"]) - START).total_seconds())
            for event in self.events
            if event["type"] == "lead.touched"
        ]
