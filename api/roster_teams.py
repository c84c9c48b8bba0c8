"""`/v1/roster/teams`: among whom leads go round, in which order and with which weight."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from api.dependencies import dependencies_of
from api.preconditions import PreconditionFailed, PreconditionRequired, Preconditions
from api.problems import NotFound, responses
from api.roster import READS, Admin, AnyId
from api.roster_answers import (
    RosterConflict,
    answer,
    by,
    changed_by,
    edited,
    page,
    present,
    replaced_by,
    shown,
    taken_away,
)
from api.roster_examples import MEMBER, TEAM, TEAM_CHANGE, examples
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.roster import MOST_MEMBERS, MOST_WEIGHT, MemberEntry, NewTeamId, RosterId, TeamEntry
from storage.roster_kept import Change, Edited, Fault, Kept, RosterError

TeamId = Annotated[AnyId, Path(description="The team's id, as the playbook names it.")]
_EDITS = responses(NotFound, RosterConflict, PreconditionFailed)

router = APIRouter(prefix="/v1/roster/teams", tags=["roster"], route_class=StrictRoute)


class TeamView(TeamEntry):
    team_id: str
    name: str
    """As it stands: one that came in before names were held to a line may have more."""


class TeamPage(BaseModel):
    teams: list[TeamView] = Field(description="In the order of their ids.")
    next: str | None = Field(description="`after` of the next page; null on the last.")


class TeamEdited(BaseModel):
    """What came of a change. Its ETag is that of the team."""

    team: TeamView
    changed: bool = Field(description="False: it stood like that already.")
    warnings: list[str] = Field(description="What is allowed, and may not have been meant.")


class Membership(BaseModel):
    """A person's place in a team."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    weight: Annotated[int, Field(ge=1, le=MOST_WEIGHT, strict=True)] = 1


@router.get("", response_model=TeamPage, dependencies=READS)
async def list_teams(
    request: Request,
    member: Annotated[AnyId | None, Query(description="Only teams that this person is in.")] = None,
    after: Annotated[AnyId | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Teams by id, with their members."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.roster.teams.list(member=member, after=after, limit=limit + 1)
    teams = [shown(kept, "team_id") for kept in found[:limit]]
    return page("teams", teams, found[limit - 1].name if len(found) > limit else None)


@router.get("/{team_id}", response_model=TeamView, dependencies=READS, responses=responses(NotFound))
async def show_team(request: Request, team_id: TeamId) -> Response:
    """One team. Send the ETag back as If-Match with a change."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        kept = await deps.roster.teams.get(team_id)
    if kept is None:
        raise _no_such_team()
    return answer(shown(kept, "team_id"), kept)


@router.put(
    "/{team_id}",
    response_model=TeamEdited,
    responses=responses(RosterConflict, PreconditionFailed, PreconditionRequired)
    | {201: {"model": TeamEdited, "description": "The team is new."}},
)
async def put_team(
    request: Request,
    team_id: Annotated[NewTeamId, Path()],
    entry: Annotated[TeamEntry, Body(openapi_examples=examples(TEAM))],
    asked: Preconditions,
    caller: Admin,
) -> Response:
    """Add a team, or replace all that is said of one, its members too: then If-Match is needed."""
    return await _edit(request, team_id, replaced_by(entry, asked), caller)


@router.patch("/{team_id}", response_model=TeamEdited, responses=_EDITS)
async def change_team(
    request: Request,
    team_id: TeamId,
    fields: Annotated[
        dict[str, Any], Body(description="The fields to change, each whole.", openapi_examples=examples(TEAM_CHANGE))
    ],
    asked: Preconditions,
    caller: Admin,
) -> Response:
    """Change some fields of a team; `members` replaces all of them."""
    return await _edit(request, team_id, changed_by(fields, TeamEntry, asked, _no_such_team()), caller)


@router.delete("/{team_id}", status_code=204, responses=_EDITS)
async def remove_team(request: Request, team_id: TeamId, asked: Preconditions, caller: Admin) -> Response:
    """Take a team away: one that the playbook does not name, and that no open lead is in."""
    deps = dependencies_of(request)
    editing = deps.roster.teams.edit(team_id, taken_away(asked, _no_such_team()), by=by(deps, caller))
    await edited(deps, editing, ("team", team_id))
    return Response(status_code=204)


@router.put("/{team_id}/members/{person_id}", response_model=TeamEdited, responses=_EDITS)
async def put_member(
    request: Request,
    team_id: TeamId,
    person_id: Annotated[RosterId, Path()],
    place: Annotated[Membership, Body(openapi_examples=examples(MEMBER))],
    *,
    asked: Preconditions,
    caller: Admin,
) -> Response:
    """Take a person into a team, as its last member; who is in it gets this weight."""
    member = MemberEntry(person=person_id, weight=place.weight)

    def change(kept: Kept[TeamEntry] | None) -> TeamEntry:
        team = present(kept, asked, _no_such_team())
        others = [member if was.person == person_id else was for was in team.members]
        if member not in others:
            others.append(member)
        if len(others) > MOST_MEMBERS:
            raise RosterError(Fault("", "too_many", f"a team has at most {MOST_MEMBERS} members"))
        return team.model_copy(update={"members": tuple(others)})

    return await _edit(request, team_id, change, caller)


@router.delete("/{team_id}/members/{person_id}", response_model=TeamEdited, responses=_EDITS)
async def remove_member(
    request: Request, team_id: TeamId, person_id: AnyId, asked: Preconditions, caller: Admin
) -> Response:
    """Take a person out of a team; their open leads stay theirs."""

    def change(kept: Kept[TeamEntry] | None) -> TeamEntry:
        team = present(kept, asked, _no_such_team())
        others = tuple(member for member in team.members if member.person != person_id)
        if len(others) == len(team.members):
            raise NotFound("This person is not in the team.")
        return team.model_copy(update={"members": others})

    return await _edit(request, team_id, change, caller)


async def _edit(request: Request, team_id: str, change: Change[TeamEntry], caller: Admin) -> Response:
    deps = dependencies_of(request)
    editing = deps.roster.teams.edit(team_id, change, by=by(deps, caller))
    return _edited(await edited(deps, editing, ("team", team_id)))


def _no_such_team() -> NotFound:
    return NotFound("No team has this id; GET /v1/roster/teams lists them.")


def _edited(done: Edited[TeamEntry]) -> Response:
    kept = done.after
    if kept is None:
        raise _no_such_team()
    content = {"team": shown(kept, "team_id"), "changed": done.is_changed, "warnings": done.warnings}
    return answer(content, kept, 200 if done.before else 201)
