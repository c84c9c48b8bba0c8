"""`/v1/roster/people`: who works here, for whom, in which hours, and how much each can take."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query
from pydantic import BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, Requires
from api.dependencies import dependencies_of
from api.preconditions import PreconditionFailed, PreconditionRequired, Preconditions
from api.problems import NotFound, responses
from api.roster_answers import (
    RosterConflict,
    answer,
    by,
    changed_by,
    edited,
    page,
    replaced_by,
    shown,
    taken_away,
)
from api.roster_examples import PERSON, PERSON_CHANGE, examples
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.roster import PersonEntry, RosterId
from storage.keys import Scope
from storage.roster_kept import Edited

AnyId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
"""Also one of those that came in before, or by another way."""
PersonId = Annotated[AnyId, Path(description="The person's id, as events and commands name them.")]
Admin = Annotated[Caller, Depends(Requires(Scope.ADMIN))]
READS = [Depends(Requires(Scope.LEADS_READ))]

router = APIRouter(prefix="/v1/roster/people", tags=["roster"], route_class=StrictRoute)


class PersonView(PersonEntry):
    person_id: str
    name: str
    """As it stands: one that came in before names were held to a line may have more."""


class PersonPage(BaseModel):
    people: list[PersonView] = Field(description="In the order of their ids.")
    next: str | None = Field(description="`after` of the next page; null on the last.")


class PersonEdited(BaseModel):
    """What came of a change. Its ETag is that of the person."""

    person: PersonView
    changed: bool = Field(description="False: it stood like that already.")
    warnings: list[str] = Field(description="What is allowed, and may not have been meant.")
    open_leads: int | None = Field(description="Open leads still owned by somebody who is not active.")


@router.get("", response_model=PersonPage, dependencies=READS)
async def list_people(
    request: Request,
    team: Annotated[AnyId | None, Query(description="Only members of this team.")] = None,
    active: Annotated[bool | None, Query(description="Only who is active, or only who has left.")] = None,
    after: Annotated[AnyId | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """People by id, those who have left too."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.roster.people.list(team=team, is_active=active, after=after, limit=limit + 1)
    people = [shown(kept, "person_id") for kept in found[:limit]]
    return page("people", people, found[limit - 1].name if len(found) > limit else None)


@router.get("/{person_id}", response_model=PersonView, dependencies=READS, responses=responses(NotFound))
async def show_person(request: Request, person_id: PersonId) -> Response:
    """One person. Send the ETag back as If-Match with a change."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        kept = await deps.roster.people.get(person_id)
    if kept is None:
        raise no_such_person()
    return answer(shown(kept, "person_id"), kept)


@router.put(
    "/{person_id}",
    response_model=PersonEdited,
    responses=responses(RosterConflict, PreconditionFailed, PreconditionRequired)
    | {201: {"model": PersonEdited, "description": "The person is new."}},
)
async def put_person(
    request: Request,
    person_id: Annotated[RosterId, Path()],
    entry: Annotated[PersonEntry, Body(openapi_examples=examples(PERSON))],
    asked: Preconditions,
    caller: Admin,
) -> Response:
    """Add a person, or replace all that is said of one: then If-Match is needed."""
    deps = dependencies_of(request)
    editing = deps.roster.people.edit(person_id, replaced_by(entry, asked), by=by(deps, caller))
    return _edited(await edited(deps, editing, ("person", person_id)))


@router.patch(
    "/{person_id}",
    response_model=PersonEdited,
    responses=responses(NotFound, RosterConflict, PreconditionFailed),
)
async def change_person(
    request: Request,
    person_id: PersonId,
    fields: Annotated[
        dict[str, Any], Body(description="The fields to change, each whole.", openapi_examples=examples(PERSON_CHANGE))
    ],
    asked: Preconditions,
    caller: Admin,
) -> Response:
    """Change some fields of a person; null empties one. `is_active: true` takes somebody back."""
    deps = dependencies_of(request)
    change = changed_by(fields, PersonEntry, asked, no_such_person())
    editing = deps.roster.people.edit(person_id, change, by=by(deps, caller))
    return _edited(await edited(deps, editing, ("person", person_id)))


@router.delete(
    "/{person_id}",
    response_model=PersonEdited,
    responses=responses(NotFound, PreconditionFailed),
)
async def deactivate_person(request: Request, person_id: PersonId, asked: Preconditions, caller: Admin) -> Response:
    """Say that a person has left: they are given nothing any more, and stay in the books.

    The answer says how many open leads are still theirs, and who relies on them.
    """
    deps = dependencies_of(request)
    editing = deps.roster.people.edit(person_id, taken_away(asked, no_such_person()), by=by(deps, caller))
    return _edited(await edited(deps, editing, ("person", person_id)))


def no_such_person() -> NotFound:
    return NotFound("No person has this id; GET /v1/roster/people lists them.")


def _edited(done: Edited[PersonEntry]) -> Response:
    kept = done.after
    if kept is None:
        raise no_such_person()
    content = {
        "person": shown(kept, "person_id"),
        "changed": done.is_changed,
        "warnings": done.warnings,
        "open_leads": done.open_leads,
    }
    return answer(content, kept, 200 if done.before else 201)
