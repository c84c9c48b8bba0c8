"""`/v1/playbook`: everything an admin decides, as numbered revisions. Publishing makes the next one."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Caller, Requires
from api.dependencies import dependencies_of
from api.playbook_definitions import warnings_of
from api.playbook_matching import (
    InvalidPlaybook,
    PlaybookOvertaken,
    base_of,
    mark,
    no_such_revision,
    refusals,
)
from api.playbook_models import (
    LAST_NUMBER,
    ComparedDraft,
    NewRevision,
    Number,
    PlaybookDiff,
    PlaybookDraft,
    PlaybookFault,
    PlaybookRevision,
    PlaybookRevisions,
    PlaybookRevisionSource,
    PlaybookValidation,
    PublishedRevision,
    Rollback,
)
from api.preconditions import Preconditions
from api.problems import Conflict, NotFound, responses
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.playbook_schema import playbook_schema
from leads.telling.definitions import review_warnings
from leads.telling.words import Names
from storage.keys import Scope
from storage.playbooks import PlaybookError

router = APIRouter(prefix="/v1/playbook", tags=["playbook"], route_class=StrictRoute)
MayRead = Depends(Requires(Scope.PLAYBOOK_READ))
Publisher = Annotated[Caller, Depends(Requires(Scope.PLAYBOOK_WRITE))]
QueryNumber = Annotated[int, Query(ge=1, le=LAST_NUMBER)]


class AlreadyInForce(Conflict):
    """What is to be brought back is what the newest revision says."""

    name = "already-newest"
    title = "This revision is the newest already"


@router.get("/schema", dependencies=[MayRead])
async def show_schema() -> dict[str, Any]:
    """The JSON Schema of a playbook, for editors. Whether it makes sense as a whole only validating can say."""
    return playbook_schema()


@router.post("/validate", dependencies=[MayRead])
async def validate_draft(request: Request, draft: PlaybookDraft) -> PlaybookValidation:
    """Everything that keeps a playbook from being published now, with its place. Publishes nothing."""
    deps = dependencies_of(request)
    try:
        async with store_call(deps.limits.store_seconds):
            playbook = await deps.playbooks.checked(draft.source, deps.now())
    except PlaybookError as error:
        faults = [PlaybookFault.model_validate(fault) for fault in error.faults]
        return PlaybookValidation(valid=False, faults=faults, more=error.more)
    warnings = [*review_warnings(playbook, deps.now(), Names())]
    return PlaybookValidation(valid=True, faults=[], more=0, warnings=warnings)


@router.get("/diff", responses=responses(NotFound), dependencies=[MayRead])
async def compare_revisions(request: Request, old: QueryNumber, new: QueryNumber) -> PlaybookDiff:
    """What one revision says otherwise than another."""
    deps = dependencies_of(request)
    async with refusals(deps), store_call(deps.limits.store_seconds):
        return PlaybookDiff.of(old, new, await deps.playbooks.changes(old, new))


@router.post("/diff", responses=responses(InvalidPlaybook, NotFound), dependencies=[MayRead])
async def compare_draft(request: Request, draft: ComparedDraft) -> PlaybookDiff:
    """What a draft says otherwise than a revision. Publishes nothing."""
    deps = dependencies_of(request)
    async with refusals(deps), store_call(deps.limits.store_seconds):
        old = draft.against or await deps.playbooks.newest()
        return PlaybookDiff.of(old, None, await deps.playbooks.changes_of(draft.source, old))


@router.get("/revisions", dependencies=[MayRead])
async def list_revisions(
    request: Request,
    response: Response,
    before: Annotated[int | None, Query(ge=1, le=LAST_NUMBER)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PlaybookRevisions:
    """The newest first. The ETag of the first page names the newest of all."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.playbooks.revisions(before=before, limit=limit + 1)
    page = found[:limit]
    if page and before is None:
        mark(response, page[0].number)
    return PlaybookRevisions(
        revisions=[PlaybookRevision.model_validate(record) for record in page],
        next=page[-1].number if len(found) > limit else None,
    )


@router.get("/revisions/{number}", responses=responses(NotFound), dependencies=[MayRead])
async def show_revision(request: Request, response: Response, number: Number) -> PlaybookRevisionSource:
    """One revision with its document. Publish what you make of it with its ETag as If-Match."""
    deps = dependencies_of(request)
    async with store_call(deps.limits.store_seconds):
        found = await deps.playbooks.revision(number)
    if found is None:
        raise no_such_revision()
    record, source = found
    mark(response, number)
    return PlaybookRevisionSource(**PlaybookRevision.model_validate(record).model_dump(), source=source)


@router.post("/revisions", status_code=201, responses=responses(InvalidPlaybook, PlaybookOvertaken))
async def publish_revision(
    request: Request, response: Response, new: NewRevision, caller: Publisher, demanded: Preconditions
) -> PublishedRevision:
    """Publish a whole playbook as the next revision. It comes into force within seconds.

    `running` says what becomes of promises under way; GET /v1/playbook/rollouts/{number} says how far that has come.
    """
    deps = dependencies_of(request)
    async with refusals(deps, demanded), store_call(deps.limits.store_seconds):
        onto = await base_of(deps, demanded)
        record = await deps.playbooks.publish(
            new.source, author=caller.actor, comment=new.comment, now=deps.now(), onto=onto,
            running=new.running.chosen if new.running else None,
        )  # fmt: skip
        warnings = await warnings_of(deps, record.number)
    mark(response, record.number)
    return PublishedRevision.model_validate(record).model_copy(update={"warnings": warnings})


@router.post(
    "/revisions/{number}/rollback",
    status_code=201,
    responses=responses(InvalidPlaybook, NotFound, AlreadyInForce, PlaybookOvertaken),
)
async def roll_back(  # noqa: PLR0917  FastAPI fills them by name
    request: Request, response: Response, number: Number, why: Rollback, caller: Publisher, demanded: Preconditions
) -> PublishedRevision:
    """Publish again, as the next revision, what an earlier one said. It is checked as any other."""
    deps = dependencies_of(request)
    async with refusals(deps, demanded), store_call(deps.limits.store_seconds):
        onto = await base_of(deps, demanded)
        if number == await deps.playbooks.newest():
            raise AlreadyInForce("Name the revision to go back to; GET /v1/playbook/revisions lists them.")
        record = await deps.playbooks.roll_back(
            number, author=caller.actor, comment=why.comment, now=deps.now(), onto=onto,
            running=why.running.chosen if why.running else None,
        )  # fmt: skip
        warnings = await warnings_of(deps, record.number)
    mark(response, record.number)
    return PublishedRevision.model_validate(record).model_copy(update={"warnings": warnings})
