"""Rollouts in memory, as an admin sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from leads.running import Choice, Running
from storage.rollouts import HeldClock, NoSuchRolloutError, Rollout, RolloutOverError, RolloutState

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def rollout(revision: int, state: RolloutState = RolloutState.RUNNING) -> Rollout:
    return Rollout(
        revision=revision, state=state, running=Running(default=Choice.CARRY), in_force_from=AT, begun_at=AT,
        ended_at=None, changed_by="admin", why=None, total=10, reached=4, adopted=3, held_leads=0, held_clocks=0,
    )  # fmt: skip


def held(number: int) -> HeldClock:
    return HeldClock(UUID(int=number), f"first_touch:crm/{number}", "first_touch", "ana", "sales", AT, AT)


@dataclass
class FakeRollouts:
    """`kept` by revision; `clocks` are held by every one of them."""

    kept: dict[int, Rollout] = field(default_factory=dict)
    clocks: list[HeldClock] = field(default_factory=list)
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    """What was asked of which, by whom."""

    async def list(self, *, before: int | None, limit: int, **_now: datetime) -> Sequence[Rollout]:
        return [found for n, found in sorted(self.kept.items(), reverse=True) if before is None or n < before][:limit]

    async def get(self, revision: int, /, **_now: datetime) -> Rollout:
        if revision not in self.kept:
            raise NoSuchRolloutError
        return self.kept[revision]

    async def held(
        self, _revision: int, /, *, after: tuple[UUID, str] | None, limit: int, **_now: datetime
    ) -> Sequence[HeldClock]:
        return [clock for clock in self.clocks if after is None or (clock.lead_id, clock.key) > after][:limit]

    async def pause(self, revision: int, /, *, by: str, **_now: datetime) -> Rollout:
        return await self._change("pause", revision, by, RolloutState.RUNNING, RolloutState.PAUSED)

    async def resume(self, revision: int, /, *, by: str, **_now: datetime) -> Rollout:
        return await self._change("resume", revision, by, RolloutState.PAUSED, RolloutState.RUNNING)

    async def cancel(self, revision: int, /, *, by: str, **_now: datetime) -> Rollout:
        return await self._change("cancel", revision, by, RolloutState.RUNNING, RolloutState.CANCELLED)

    async def confirm(self, revision: int, /, *, by: str, **_now: datetime) -> int:
        return await self._settle("confirm", revision, by)

    async def waive(self, revision: int, /, *, by: str, **_now: datetime) -> int:
        return await self._settle("waive", revision, by)

    async def _settle(self, what: str, revision: int, by: str) -> int:
        await self.get(revision, now=AT)
        self.asked.append((what, revision, by))
        told, self.clocks = len(self.clocks), []
        return told

    async def _change(self, what: str, revision: int, by: str, was: RolloutState, becomes: RolloutState) -> Rollout:
        stands = await self.get(revision, now=AT)
        self.asked.append((what, revision, by))
        if stands.state is not was:
            raise RolloutOverError(stands.state)
        self.kept[revision] = replace(stands, state=becomes, changed_by=by)
        return self.kept[revision]
