"""`/v1/roster/absences` and `/v1/roster/changes`: who is away from when until when, and who changed what."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import dependencies_of
from api.preconditions import PreconditionFailed, PreconditionRequired, Preconditions
from api.problems import InvalidRequest, NotFound, responses
from api.roster import READS, Admin, AnyId
from api.roster_answers import RosterConflict, answer, by, edited, page, present, replaced_by, shown, taken_away
from api.roster_examples import ABSENCE, examples
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.events import WrittenInstant
from leads.roster import AbsenceEntry
from storage.roster_kept import Edited, Kept

AbsenceId = Annotated[UUID, Path(description="The absence's id.")]
router = APIRouter(prefix="/v1/roster", tags=["roster"], route_class=StrictRoute)


class AbsenceView(AbsenceEntry):
    absence_id: UUID
    origin: str = Field(description="The source of the event that told of it, or `urn:leadloop:roster`.")


class AbsencePage(BaseModel):
    absences: list[AbsenceView] = Field(description="The earliest first.")
    next: str | None = Field(description="`after` of the next page; null on the last.")


class AbsenceQuery(BaseModel):
    """What a list of absences is asked for. All that is named must hold."""

    model_config = ConfigDict(extra="forbid")

    person: AnyId | None = None
    ends_after: WrittenInstant | None = Field(default=None, description="Only what has not ended by then.")
    starts_before: WrittenInstant | None = Field(default=None, description="Only what has started before.")
    after: Annotated[str, Field(max_length=100)] | None = Field(default=None, description="`next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class AbsenceEdited(BaseModel):
    """What came of a change. Its ETag is that of the absence."""

    absence: AbsenceView
    changed: bool = Field(description="False: it stood like that already.")


class ChangeView(BaseModel):
    """Who changed what; `before` and `after` are the whole entries."""

    model_config = ConfigDict(from_attributes=True)

    change_id: UUID
    at: datetime
    actor: str
    kind: Literal["person", "team", "absence"]
    subject: str = Field(description="The id of the person or team; of an absence that of its person.")
    what: Literal["added", "changed", "removed"]
    fields: list[str] = Field(description="Those that differ.")
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ChangePage(BaseModel):
    changes: list[ChangeView] = Field(description="The newest first.")
    next: UUID | None = Field(description="`before` of the next page; null on the last.")


@router.get("/absences", response_model=AbsencePage, dependencies=READS)
async def list_absences(request: Request, query: Annotated[AbsenceQuery, Query()]) -> Response:
    """Absences by their start, whether an event told of them or somebody here."""
    deps = dependencies_of(request)
    limit = query.limit
    wanted = query.model_dump(exclude={"after", "limit"})
    async with store_call(deps.limits.store_seconds):
        found = await deps.roster.absences.list(**wanted, after=_place(query.after), limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    following = f"{last.entry.starts_at:%Y-%m-%dT%H:%M:%S.%fZ}~{last.name}" if last else None
    return page("absences", [_shown(kept) for kept in found[:limit]], following)


@router.get("/absences/{absence_id}", response_model=AbsenceView, dependencies=READS, responses=responses(NotFound))
async def show_absence(request: Request, absence_id: AbsenceId) -> Response:
    """One absence. Send the ETag back as If-Match with a change."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        kept = await deps.roster.absences.get(absence_id)
    if kept is None:
        raise _no_such_absence()
    return answer(_shown(kept), kept)


@router.post(
    "/absences",
    status_code=201,
    response_model=AbsenceEdited,
    responses=responses(RosterConflict) | {200: {"model": AbsenceEdited, "description": "It was known already."}},
)
async def add_absence(
    request: Request, entry: Annotated[AbsenceEntry, Body(openapi_examples=examples(ABSENCE))], caller: Admin
) -> Response:
    """Say that somebody is away. One that is known already is not doubled."""
    deps = dependencies_of(request)
    done = await edited(deps, deps.roster.absences.add(entry, by=by(deps, caller)), ("absence", entry.person))
    return _edited(done)


@router.put(
    "/absences/{absence_id}",
    response_model=AbsenceEdited,
    responses=responses(NotFound, RosterConflict, PreconditionFailed, PreconditionRequired),
)
async def put_absence(
    request: Request,
    absence_id: AbsenceId,
    entry: Annotated[AbsenceEntry, Body(openapi_examples=examples(ABSENCE))],
    asked: Preconditions,
    caller: Admin,
) -> Response:
    """Change an absence: it ends earlier, another stands in. Needs If-Match."""
    deps = dependencies_of(request)

    def change(kept: Kept[AbsenceEntry] | None) -> AbsenceEntry | None:
        present(kept, asked, _no_such_absence())
        return replaced_by(entry, asked)(kept)

    editing = deps.roster.absences.edit(absence_id, change, by=by(deps, caller))
    return _edited(await edited(deps, editing, ("absence", entry.person)))


@router.delete("/absences/{absence_id}", status_code=204, responses=responses(NotFound, PreconditionFailed))
async def remove_absence(request: Request, absence_id: AbsenceId, asked: Preconditions, caller: Admin) -> Response:
    """Take an absence back, as if it had never been told. An event sent again does not bring it back."""
    deps = dependencies_of(request)
    editing = deps.roster.absences.edit(absence_id, taken_away(asked, _no_such_absence()), by=by(deps, caller))
    await edited(deps, editing, ("absence", ""))
    return Response(status_code=204)


@router.get("/changes")
async def list_changes(
    request: Request,
    _: Admin,
    kind: Annotated[Literal["person", "team", "absence"] | None, Query()] = None,
    subject: Annotated[AnyId | None, Query(description="The id of a person or team.")] = None,
    before: Annotated[UUID | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ChangePage:
    """Who changed what and when, the newest first; of each subject the last 200 changes, for three years."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.roster.changes.list(kind=kind, subject=subject, before=before, limit=limit + 1)
    return ChangePage(
        changes=[ChangeView.model_validate(change) for change in found[:limit]],
        next=found[limit - 1].change_id if len(found) > limit else None,
    )


def _place(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    start, _, name = after.partition("~")
    try:
        at, absence = datetime.fromisoformat(start), UUID(name)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        error = {"in": "query", "pointer": "/after", "code": "bad_value", "detail": "is no `next` of a page"}
        raise InvalidRequest("Send `next` of the page before as it came.", errors=[error])
    return at, absence


def _no_such_absence() -> NotFound:
    return NotFound("No absence has this id; GET /v1/roster/absences lists them.")


def _shown(kept: Kept[AbsenceEntry]) -> dict[str, Any]:
    return shown(kept, "absence_id") | {"origin": kept.origin}


def _edited(done: Edited[AbsenceEntry]) -> Response:
    if done.after is None:
        raise _no_such_absence()
    return answer({"absence": _shown(done.after), "changed": done.is_changed}, done.after, 200 if done.before else 201)
