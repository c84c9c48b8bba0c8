"""`/v1/lists`: bulk lists, how far they have come, and holding up their release."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, Requires
from api.dependencies import Dependencies, dependencies_of
from api.preconditions import PreconditionFailed, PreconditionRequired, Preconditions, quoted
from api.problems import Conflict, NotFound, responses
from api.roster_answers import RosterConflict, by, edited, replaced_by
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.list_entry import ListEntry, ListName
from leads.list_pace import UploadOutcome
from leads.revisions import NoPlaybookError
from storage.keys import Scope
from storage.list_store import ListCancelledError, ListPage, ListState

Name = Annotated[ListName, Path(description="The list's name: small letters, digits, dots, dashes.")]
Reader = Depends(Requires(Scope.LEADS_READ))
Writer = Annotated[Caller, Depends(Requires(Scope.LEADS_WRITE))]
_ENTRY: Any = {
    "after the fair": {
        "summary": "A trade show is over; marketing owes its list",
        "value": {"event_ended_at": "2026-11-20T17:00:00+01:00", "marketing_owner": "mia"},
    }
}

router = APIRouter(prefix="/v1/lists", tags=["lists"], route_class=StrictRoute)


class ListCancelled(Conflict):
    """What waited in it has gone on with marketing; a cancelled release does not go on."""

    name = "list-cancelled"
    title = "The release was cancelled"


class NoPlaybook(Conflict):
    """No playbook has been published, so nothing says how lists are released."""

    name = "no-playbook"
    title = "No playbook is published"


class Upload(BaseModel):
    """Marketing's own promise: from the event's end until the list comes in."""

    due_at: datetime
    outcome: UploadOutcome
    delay_seconds: int = Field(description="From the event's end to the upload, or until now.")
    working_seconds: int = Field(description="The working time in it, by the calendar of the promise.")
    announced_at: datetime | None = Field(description="When the marketing owner was told that it is late.")


class ListView(BaseModel):
    """How a bulk list stands. Each of its leads is in one of waiting, released, known, ruled out and let go."""

    name: str
    state: Literal["open", "paused", "cancelled"]
    state_by: str | None
    state_at: datetime | None
    event_ended_at: datetime | None
    marketing_owner: str | None
    team: str = Field(description="Whose people and hours the release goes by.")
    per_rep_a_day: int = Field(description="Released to one person in a day, of all lists together.")
    upload: Upload | None = Field(description="Null where nobody has said when the event ended.")
    first_uploaded_at: datetime | None
    last_uploaded_at: datetime | None
    uploaded: int = Field(description="Leads that came with it.")
    waiting: int = Field(description="Not given to sales yet; no promise runs.")
    released: int = Field(description="Handed to sales, by capacity.")
    released_early: int = Field(description="Handed to sales out of turn: the buyer spoke, or somebody reached out.")
    touched: int = Field(description="Of those handed to sales: a real touch was made.")
    ignored: int = Field(description="Of those handed to sales: nobody looked after them in time.")
    known: int = Field(description="Under way, resting or ended when the list came in: it changes nothing for them.")
    ruled_out: int = Field(description="Found to be duplicates or no leads before they were released.")
    let_go: int = Field(description="On with marketing: the release was cancelled.")
    rows_read: int = Field(description="Of the file imported last.")
    rows_rejected: int = Field(description="Of the file imported last.")
    said: ListEntry = Field(description="What was said of it, to be changed and sent back.")
    version: str = Field(description="Of what was said of it; in quotes it is the ETag.")
    looks_again_at: datetime | None = Field(description="When Leadloop looks at it next by itself.")


class ListsPage(BaseModel):
    lists: list[ListView] = Field(description="In the order of their names.")
    next: str | None = Field(description="`after` of the next page; null on the last.")


@router.get("", dependencies=[Reader], responses=responses(NoPlaybook))
async def list_lists(
    request: Request,
    after: Annotated[ListName | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ListsPage:
    """Bulk lists by name."""
    deps = dependencies_of(request)
    try:
        async with store_call(deps.limits.store_seconds):
            found = await deps.lists.list(deps.now(), after=after, limit=limit + 1)
    except NoPlaybookError:
        raise _no_playbook() from None
    views = [_view(page) for page in found[:limit]]
    return ListsPage(lists=views, next=views[-1].name if len(found) > limit else None)


@router.get("/{name}", response_model=ListView, dependencies=[Reader], responses=responses(NotFound, NoPlaybook))
async def show_list(request: Request, name: Name) -> Response:
    """One list. Its ETag is that of what is said of it: send it back as If-Match to change that."""
    return await _shown(dependencies_of(request), name)


@router.put(
    "/{name}",
    response_model=ListView,
    responses=responses(RosterConflict, PreconditionFailed, PreconditionRequired, NoPlaybook)
    | {201: {"model": ListView, "description": "The list is new."}},
)
async def put_list(
    request: Request,
    name: Name,
    entry: Annotated[ListEntry, Body(openapi_examples=_ENTRY)],
    asked: Preconditions,
    caller: Writer,
) -> Response:
    """Announce a list before it comes in, or replace what is said of one: then If-Match is needed."""
    deps = dependencies_of(request)
    editing = deps.lists.edit(name, replaced_by(entry, asked), by=by(deps, caller))
    done = await edited(deps, editing, ("list", name))
    return await _shown(deps, name, 200 if done.before else 201)


@router.post("/{name}/pause", response_model=ListView, responses=responses(NotFound, ListCancelled, NoPlaybook))
async def pause_list(request: Request, name: Name, caller: Writer) -> Response:
    """Release nothing more until it is resumed. Leads that ask for contact go to sales all the same."""
    return await _ordered(dependencies_of(request), name, "paused", caller)


@router.post("/{name}/resume", response_model=ListView, responses=responses(NotFound, ListCancelled, NoPlaybook))
async def resume_list(request: Request, name: Name, caller: Writer) -> Response:
    """Go on where the release was paused."""
    return await _ordered(dependencies_of(request), name, "open", caller)


@router.post("/{name}/cancel", response_model=ListView, responses=responses(NotFound, NoPlaybook))
async def cancel_list(request: Request, name: Name, caller: Writer) -> Response:
    """End the release for good: what waits goes on with marketing. What was released stays with sales."""
    return await _ordered(dependencies_of(request), name, "cancelled", caller)


async def _ordered(deps: Dependencies, name: str, state: ListState, caller: Caller) -> Response:
    try:
        async with store_call(deps.limits.store_seconds):
            is_there = await deps.lists.order(name, state, by(deps, caller))
    except ListCancelledError:
        raise ListCancelled("Upload what is to go to sales as a list of another name.") from None
    if not is_there:
        raise _no_such_list()
    return await _shown(deps, name)


async def _shown(deps: Dependencies, name: str, status: int = 200) -> Response:
    try:
        async with store_call(deps.limits.store_seconds):
            page = await deps.lists.get(name, deps.now())
    except NoPlaybookError:
        raise _no_playbook() from None
    if page is None:
        raise _no_such_list()
    headers = {"ETag": quoted(page.said.version), "Cache-Control": "private, no-cache"}
    return Response(to_json(_view(page)), status, headers, "application/json")


def _view(page: ListPage) -> ListView:
    row, promise = page.row, page.promise
    upload = (
        None
        if promise is None
        else Upload(
            due_at=promise.due_at,
            outcome=promise.outcome,
            delay_seconds=round(promise.took_elapsed.total_seconds()),
            working_seconds=round(promise.took.total_seconds()),
            announced_at=row.late_told_at if promise.outcome is UploadOutcome.BREACHED else None,
        )
    )
    return ListView(
        name=row.name,
        state=row.state,
        state_by=row.state_by,
        state_at=row.state_at,
        event_ended_at=row.event_ended_at,
        marketing_owner=row.marketing_owner,
        team=page.team,
        per_rep_a_day=page.per_rep_a_day,
        upload=upload,
        first_uploaded_at=page.uploaded_at,
        last_uploaded_at=page.last_uploaded_at,
        rows_read=row.rows_read,
        rows_rejected=row.rows_rejected,
        looks_again_at=row.look_at,
        said=page.said.entry,
        version=page.said.version,
        **page.counts,
    )


def _no_such_list() -> NotFound:
    return NotFound("No list has this name; GET /v1/lists lists them.")


def _no_playbook() -> NoPlaybook:
    return NoPlaybook("Publish a playbook first: POST /v1/playbook/revisions.")
