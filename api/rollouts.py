"""`/v1/playbook/rollouts`: how far a published revision has reached promises under way, and what to do about it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.auth import Caller, Requires
from api.dependencies import Dependencies, dependencies_of
from api.playbook_models import LAST_NUMBER, Number, RunningPromises
from api.problems import Conflict, NotFound, responses
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.promises import ClockName
from storage.keys import Scope
from storage.rollouts import HeldClock, NoSuchRolloutError, Rollout, RolloutOverError, RolloutState

router = APIRouter(prefix="/v1/playbook/rollouts", tags=["playbook"], route_class=StrictRoute)
MayRead = Depends(Requires(Scope.PLAYBOOK_READ))
Publisher = Annotated[Caller, Depends(Requires(Scope.PLAYBOOK_WRITE))]


class RolloutOver(Conflict):
    """A rollout that has ended neither pauses nor goes on; `state` says how it ended."""

    name = "rollout-over"
    title = "This rollout cannot do that any more"


class PlaybookRollout(BaseModel):
    """How far a revision has reached the leads whose promises it moves."""

    model_config = ConfigDict(from_attributes=True)

    revision: int
    state: RolloutState = Field(
        description="`superseded`: a later revision's rollout reaches the leads that are left, which adopt both."
    )
    running: RunningPromises
    in_force_from: datetime
    begun_at: datetime
    ended_at: datetime | None
    changed_by: str = Field(description="Who published it, or paused, resumed or cancelled it last.")
    why: str | None = Field(description="Why it ended before its end.")
    total: int | None = Field(description="Leads to be reached; null while they have not been counted.")
    reached: int
    adopted: int = Field(description="Of those reached: leads that had something to adopt.")
    held_leads: int = Field(description="Leads with a promise that the revision would have broken at once.")
    held_promises: int = Field(description="Those promises. They stay as they were until confirmed.")

    @classmethod
    def of(cls, rollout: Rollout) -> Self:
        return cls(
            **{name: getattr(rollout, name) for name in cls.model_fields if name not in ("running", "held_promises")},
            running=RunningPromises.model_validate(rollout.running),
            held_promises=rollout.held_clocks,
        )


class PlaybookRollouts(BaseModel):
    rollouts: list[PlaybookRollout]
    next: int | None = Field(description="`before` of the next page; null on the last.")


class HeldPromise(BaseModel):
    lead_id: UUID
    clock: ClockName
    owner: str | None
    team: str | None
    due_at: datetime = Field(description="When it is due as it stands.")
    would_be_due_at: datetime = Field(description="When the revision would have had it due; that had passed.")

    @classmethod
    def of(cls, held: HeldClock) -> Self:
        return cls(
            lead_id=held.lead_id, clock=ClockName(held.clock), owner=held.owner, team=held.team, due_at=held.due_at,
            would_be_due_at=held.held_due_at,
        )  # fmt: skip


class HeldPromises(BaseModel):
    held: list[HeldPromise]
    next: str | None = Field(description="`after` of the next page; null on the last.")


class Settled(BaseModel):
    """What was held is told to its leads, which act on it within seconds."""

    leads: int = Field(description="How many leads it is told to; 0 when nothing was held.")
    rollout: PlaybookRollout


@router.get("", dependencies=[MayRead])
async def list_rollouts(
    request: Request,
    before: Annotated[int | None, Query(ge=1, le=LAST_NUMBER)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PlaybookRollouts:
    """The newest first; each publication has one, named by its revision."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.rollouts.list(before=before, limit=limit + 1, now=deps.now())
    page = [PlaybookRollout.of(rollout) for rollout in found[:limit]]
    return PlaybookRollouts(rollouts=page, next=page[-1].revision if len(found) > limit else None)


@router.get("/{number}", responses=responses(NotFound), dependencies=[MayRead])
async def show_rollout(request: Request, number: Number) -> PlaybookRollout:
    """How far it has come."""
    return await _told(dependencies_of(request), number)


@router.get("/{number}/held", responses=responses(NotFound), dependencies=[MayRead])
async def list_held(
    request: Request,
    number: Number,
    after: Annotated[str | None, Query(max_length=400, pattern=r"^[0-9a-f-]{36}/[^\x00]{1,360}$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> HeldPromises:
    """Promises that the revision would have broken the moment it is adopted. They stay as they were until confirmed."""
    deps = dependencies_of(request)
    await _told(deps, number)
    async with store_call(deps.limits.store_seconds):
        found = await deps.rollouts.held(number, after=_place(after), limit=limit + 1, now=deps.now())
    page = found[:limit]
    following = f"{page[-1].lead_id}/{page[-1].key}" if len(found) > limit else None
    return HeldPromises(held=[HeldPromise.of(held) for held in page], next=following)


def _place(after: str | None) -> tuple[UUID, str] | None:
    if after is None:
        return None
    lead, _, key = after.partition("/")
    try:
        return UUID(lead), key
    except ValueError:
        raise NotFound("There is no such place: take `after` from the page before.") from None


@router.post("/{number}/pause", responses=responses(NotFound, RolloutOver))
async def pause_rollout(request: Request, number: Number, caller: Publisher) -> PlaybookRollout:
    """Leads not reached yet stay as they are until it goes on."""
    return await _changed(request, number, caller, dependencies_of(request).rollouts.pause)


@router.post("/{number}/resume", responses=responses(NotFound, RolloutOver))
async def resume_rollout(request: Request, number: Number, caller: Publisher) -> PlaybookRollout:
    """Go on where it stood still."""
    return await _changed(request, number, caller, dependencies_of(request).rollouts.resume)


@router.post("/{number}/cancel", responses=responses(NotFound, RolloutOver))
async def cancel_rollout(request: Request, number: Number, caller: Publisher) -> PlaybookRollout:
    """End it. What leads have adopted stays; promises of leads not reached finish as they were."""
    return await _changed(request, number, caller, dependencies_of(request).rollouts.cancel)


@router.post("/{number}/confirm", responses=responses(NotFound))
async def confirm_held(request: Request, number: Number, caller: Publisher) -> Settled:
    """Let what the revision would have broken be broken: these promises are due now, and their owners hear of it."""
    deps = dependencies_of(request)
    return await _settled(deps, number, caller, deps.rollouts.confirm)


@router.post("/{number}/waive", responses=responses(NotFound))
async def waive_held(request: Request, number: Number, caller: Publisher) -> Settled:
    """Let what the revision would have broken finish under the target it had; nobody hears of it."""
    deps = dependencies_of(request)
    return await _settled(deps, number, caller, deps.rollouts.waive)


async def _told(deps: Dependencies, number: int) -> PlaybookRollout:
    try:
        async with store_call(deps.limits.store_seconds):
            return PlaybookRollout.of(await deps.rollouts.get(number, now=deps.now()))
    except NoSuchRolloutError:
        raise _no_such_rollout() from None


async def _changed(
    request: Request, number: int, caller: Caller, change: Callable[..., Awaitable[Rollout]]
) -> PlaybookRollout:
    deps = dependencies_of(request)
    try:
        async with store_call(deps.limits.store_seconds):
            return PlaybookRollout.of(await change(number, by=caller.actor, now=deps.now()))
    except NoSuchRolloutError:
        raise _no_such_rollout() from None
    except RolloutOverError as over:
        raise RolloutOver(_WHY_NOT.get(over.state, f"It is {over.state}."), state=over.state) from None


async def _settled(deps: Dependencies, number: int, caller: Caller, settle: Callable[..., Awaitable[int]]) -> Settled:
    try:
        async with store_call(deps.limits.store_seconds):
            told = await settle(number, by=caller.actor, now=deps.now())
    except NoSuchRolloutError:
        raise _no_such_rollout() from None
    return Settled(leads=told, rollout=await _told(deps, number))


def _no_such_rollout() -> NotFound:
    return NotFound("No publication has this number; GET /v1/playbook/rollouts lists them.")


_WHY_NOT = {
    RolloutState.DONE: "It is done. To move promises again, publish again; a rollback is a publication like any other.",
    RolloutState.CANCELLED: "It was cancelled. To reach the leads that are left, publish the playbook again.",
    RolloutState.SUPERSEDED: "A later publication has taken over the leads that were left: look at its rollout.",
}
