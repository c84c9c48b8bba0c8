"""`/v1/leads`: where leads stand, what happened to them, and why."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Requires
from api.dependencies import Dependencies, dependencies_of
from api.lead_views import LeadDetailView, LeadPage, TimelineView, detail_view, lead_view, line_view
from api.problems import Conflict, NotFound, responses
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.explain import Explanation, explain
from leads.promises import ClockName
from leads.revisions import NoPlaybookError
from leads.stages import Stage
from leads.telling.case import zone_of_lead
from leads.telling.lines import corrected, line
from leads.telling.words import Words
from storage.keys import Scope
from storage.queries import ClockState, LeadFilter
from storage.timelines import CORRECTIONS, Timeline, TimelineLine, deliveries_of

Code = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")]
LeadId = Annotated[UUID, Path(description="The lead's id, as answered when its events were sent.")]
_REVALIDATE = "private, no-cache"

router = APIRouter(
    prefix="/v1/leads", tags=["leads"], dependencies=[Depends(Requires(Scope.LEADS_READ))], route_class=StrictRoute
)


class NoPlaybook(Conflict):
    """No playbook has been published, so there are no promises to speak of."""

    name = "no-playbook"
    title = "No playbook is published"


class LeadQuery(BaseModel):
    """What a list of leads is asked for. All that is named must hold."""

    model_config = ConfigDict(extra="forbid")

    stage: Stage | None = None
    team: Code | None = None
    owner: Code | None = None
    source: Code | None = None
    clock: ClockName | None = Field(
        default=None, description="Leads with this promise; with `clock_state`, in that state."
    )
    clock_state: ClockState | None = Field(default=None, description="Of `clock`, or of any promise.")
    ignored: bool | None = None
    stuck: bool | None = Field(default=None, description="Whether an event of it cannot be read.")
    untouched: bool | None = None
    subject: Subject | None = Field(default=None, description="The lead's key in its sender's system.")
    system: Code = Field(default="default", description="That system, where there are several.")
    after: UUID | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


@router.get("")
async def list_leads(request: Request, query: Annotated[LeadQuery, Query()]) -> LeadPage:
    """Leads that fit, newest first."""
    deps = dependencies_of(request)
    wanted = LeadFilter(**query.model_dump(exclude={"after", "limit"}))
    async with store_call(deps.limits.store_seconds):
        found = await deps.leads.list_leads(wanted, now=deps.now(), after=query.after, limit=query.limit + 1)
        modes = await deps.leads.modes(deps.now())
    page = found[: query.limit]
    return LeadPage(
        leads=[lead_view(row, modes) for row in page], next=page[-1].lead_id if len(found) > query.limit else None
    )


@router.get(
    "/{lead_id}",
    responses=responses(NotFound) | {304: {"description": "It stands as the ETag given in If-None-Match has it."}},
)
async def show_lead(request: Request, response: Response, lead_id: LeadId) -> LeadDetailView:
    """One lead with its hand-offs and promises. Send its ETag back as If-None-Match to hear only of changes."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.leads.get_lead(lead_id)
        modes = await deps.leads.modes(deps.now())
    if found is None:
        raise no_such_lead()
    etag = f'"{found.version}-{modes(found.lead.team)}"'
    headers = {"ETag": etag, "Cache-Control": _REVALIDATE}
    if _knows(request, etag):
        return Response(status_code=304, headers=headers)  # type: ignore[return-value]  # FastAPI passes it on
    response.headers.update(headers)
    return detail_view(found, modes)


@router.get("/{lead_id}/timeline", responses=responses(NotFound, NoPlaybook))
async def show_timeline(
    request: Request,
    lead_id: LeadId,
    after: Annotated[int, Query(ge=0, le=2_147_483_647)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> TimelineView:
    """What happened to a lead, line by line, in plain sentences."""
    deps = dependencies_of(request)
    try:
        async with store_call(deps.limits.store_seconds):
            found = await deps.leads.timeline(lead_id, after=after, limit=limit)
    except NoPlaybookError:
        raise no_playbook() from None
    if found is None:
        raise no_such_lead()
    return _timeline(found, deps)


def _timeline(found: Timeline, deps: Dependencies) -> TimelineView:
    now = deps.now()
    zone = zone_of_lead(found.shelf, found.revision, found.segment, now)
    reasons = found.shelf.in_force(now).playbook.reasons
    words = Words(zone, now, found.names, deliveries=deliveries_of(found.lines), reasons=reasons)
    return TimelineView(
        timezone=str(zone),
        lines=[line_view(told, _sentence(told, words)) for told in found.lines],
        next=found.lines[-1].number if found.has_more else None,
    )


def _sentence(told: TimelineLine, words: Words) -> str:
    if told.kind in CORRECTIONS and told.original is not None:
        original = told.original
        if told.kind == "amended":
            counts_from = words.at(told.at) if told.at != original.at else None
            return corrected(told.kind, line(original.kind, told.data["data"], words), counts_from)
        return corrected(told.kind, line(original.kind, original.data, words, original.entry))
    return line(told.kind, told.data, words, told.entry)


@router.get("/{lead_id}/explain", responses=responses(NotFound, NoPlaybook))
async def explain_lead(request: Request, lead_id: LeadId) -> Explanation:
    """Why it stands where it stands, who has it and why, every promise with its arithmetic, and what happens next."""
    deps = dependencies_of(request)
    try:
        async with store_call(deps.limits.store_seconds):
            found = await deps.leads.load_state(lead_id)
    except NoPlaybookError:
        raise no_playbook() from None
    if found is None:
        raise no_such_lead()
    # a long journal takes its time: others are not to wait for it
    return await asyncio.to_thread(
        explain, found.lead, found.journal, found.shelf, deps.now(),
        names=found.names, deliveries=found.deliveries, unread=found.unread, is_complete=found.is_complete,
    )  # fmt: skip


def no_such_lead() -> NotFound:
    return NotFound("No lead has this id; GET /v1/leads lists them, by subject too.")


def no_playbook() -> NoPlaybook:
    return NoPlaybook("Publish a playbook first: POST /v1/playbook/revisions.")


def _knows(request: Request, etag: str) -> bool:
    """RFC 9110 13.1.2: any of the tags, compared weakly, or `*`."""
    given = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    return "*" in given or etag in {tag.removeprefix("W/") for tag in given}
