"""`/v1/playbook`: everything an admin decides, as numbered revisions. Publishing makes the next one."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.requests import Request

from api.auth import Caller, Requires
from api.dependencies import dependencies_of
from api.problems import NotFound, Problem, responses
from api.store_call import store_call
from leads.playbook_schema import playbook_schema
from storage.keys import Scope
from storage.playbooks import PlaybookError

Comment = Annotated[
    str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True, pattern=r"^[^\x00]*$")
]
Number = Annotated[int, Path(ge=1, le=2_147_483_647)]

router = APIRouter(prefix="/v1/playbook", tags=["playbook"])


class InvalidPlaybook(Problem):
    """A document that is no usable playbook; `faults` has line, path and reason of each, `more` counts the rest."""

    name = "invalid-playbook"
    title = "This is no usable playbook"


class PlaybookRevision(BaseModel):
    """A revision, without what it says."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    published_at: datetime
    in_force_from: datetime = Field(description="Clocks that start from then on run under it.")
    author: str
    comment: str


class PlaybookRevisionSource(PlaybookRevision):
    source: str = Field(description="The YAML document as it was published.")


class PlaybookRevisions(BaseModel):
    revisions: list[PlaybookRevision]
    next: int | None = Field(description="`before` of the next page; null on the last.")


class PlaybookDraft(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    source: str = Field(min_length=1, max_length=1 << 20, description="A whole playbook as YAML.")


class NewRevision(PlaybookDraft):
    comment: Comment = Field(description="Why it changes; read by whoever looks back.")


class PlaybookFault(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    line: int | None = Field(description="In the source, from 1; null where the fault has none.")
    path: str = Field(description="As `segments.2.promises.first_touch.target`; empty for the whole document.")
    reason: str


class Validation(BaseModel):
    valid: bool = Field(description="Whether it could be published now.")
    faults: list[PlaybookFault]
    more: int = Field(description="Faults beyond those listed.")


@router.get("/schema", dependencies=[Depends(Requires(Scope.PLAYBOOK_READ))])
async def show_schema() -> dict[str, Any]:
    """The JSON Schema of a playbook, for editors. What makes sense together only publishing and validating can say."""
    return playbook_schema()


@router.post("/validate", dependencies=[Depends(Requires(Scope.PLAYBOOK_READ))])
async def validate_draft(request: Request, draft: PlaybookDraft) -> Validation:
    """Everything that keeps a playbook from being published now, with its place. Publishes nothing."""
    deps = dependencies_of(request)
    try:
        async with store_call(deps.limits.store_seconds):
            await deps.playbooks.checked(draft.source, deps.now())
    except PlaybookError as error:
        faults = [PlaybookFault.model_validate(fault) for fault in error.faults]
        return Validation(valid=False, faults=faults, more=error.more)
    return Validation(valid=True, faults=[], more=0)


@router.get("/revisions", dependencies=[Depends(Requires(Scope.PLAYBOOK_READ))])
async def list_revisions(
    request: Request,
    before: Annotated[int | None, Query(ge=1, le=2_147_483_647)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PlaybookRevisions:
    """The newest first."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.playbooks.revisions(before=before, limit=limit + 1)
    page = found[:limit]
    return PlaybookRevisions(
        revisions=[PlaybookRevision.model_validate(record) for record in page],
        next=page[-1].number if len(found) > limit else None,
    )


@router.get("/revisions/{number}", responses=responses(NotFound), dependencies=[Depends(Requires(Scope.PLAYBOOK_READ))])
async def show_revision(request: Request, number: Number) -> PlaybookRevisionSource:
    """One revision with its document."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.playbooks.revision(number)
    if found is None:
        raise NotFound("There is no revision of this number; GET /v1/playbook/revisions lists them.")
    record, source = found
    return PlaybookRevisionSource(**PlaybookRevision.model_validate(record).model_dump(), source=source)


@router.post("/revisions", status_code=201, responses=responses(InvalidPlaybook))
async def publish_revision(
    request: Request, new: NewRevision, caller: Annotated[Caller, Depends(Requires(Scope.PLAYBOOK_WRITE))]
) -> PlaybookRevision:
    """Publish a whole playbook as the next revision. It comes into force within seconds; running clocks keep theirs."""
    deps = dependencies_of(request)
    try:
        async with store_call(deps.limits.store_seconds):
            record = await deps.playbooks.publish(new.source, author=caller.actor, comment=new.comment, now=deps.now())
    except PlaybookError as error:
        raise _invalid(error) from None
    return PlaybookRevision.model_validate(record)


def _invalid(error: PlaybookError) -> InvalidPlaybook:
    detail = "Mend every place that faults names and publish again."
    return InvalidPlaybook(detail, faults=error.faults, more=error.more)
