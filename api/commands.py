"""`POST /v1/leads/{id}/commands`: asking something of a lead, and hearing yes or no at once.

The command is stored first, with all it says; only its id goes to the lead's life, whose step weighs it and writes the
answer into the row, where it is read. A command that could not be weighed in time expires and is never granted later.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Body, Depends, Header
from pydantic import BaseModel, Field
from starlette.requests import Request

from api.auth import ACTOR_HEADER, Caller, Requires
from api.command_examples import command_examples
from api.command_faults import check
from api.dependencies import Dependencies, dependencies_of
from api.lead_views import LeadView, lead_view
from api.leads import LeadId, no_such_lead
from api.problems import Conflict, NotFound, Problem, responses
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.commands import Command
from storage.commands import NewCommand, NoSuchLeadError, NotInRosterError, StoredCommand
from storage.ids import uuid7
from storage.keys import Scope
from workflows.lead_commands import CommandUnanswered

_KEYS = UUID("5f1f8a3e-6d0c-4b9a-9d53-0c1e6f1d2b47")
"""Names the ids that are made of Idempotency-Keys."""
_BODY = (
    "What is asked of the lead. `command` says which command it is, and so what else the body may hold; unknown fields "
    f"are refused. Who asks is the key's principal, or the person named in {ACTOR_HEADER}."
)
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Sent again with the same key, a command is weighed once and answered the same.",
    ),
]

router = APIRouter(prefix="/v1/leads", tags=["commands"], route_class=StrictRoute)


class CommandRefused(Conflict):
    """The lead stands in a way that does not allow it; the detail says what to do instead."""

    name = "command-refused"
    title = "This cannot be granted as things stand"


class CommandExpired(Conflict):
    """Nobody weighed it in time, and nobody will: nothing was changed."""

    name = "command-expired"
    title = "The command has expired"


class KeyReused(Conflict):
    """The Idempotency-Key names another command."""

    name = "idempotency-key-reused"
    title = "This Idempotency-Key was used for another command"


class CommandUnweighed(Problem):
    """There is no answer yet: Temporal is away, or the lead's step took too long."""

    status = 503
    name = "command-unanswered"
    title = "The command has not been answered"


class CommandAnswer(BaseModel):
    command_id: UUID
    answer: Literal["granted"]
    lead: LeadView = Field(description="How the lead stands now.")


@router.post(
    "/{lead_id}/commands",
    responses=responses(NotFound, CommandRefused, CommandExpired, KeyReused, CommandUnweighed),
)
async def give_command(
    request: Request,
    lead_id: LeadId,
    command: Annotated[Command, Body(description=_BODY, openapi_examples=command_examples())],
    caller: Annotated[Caller, Depends(Requires(Scope.LEADS_WRITE))],
    idempotency_key: IdempotencyKey = None,
) -> CommandAnswer:
    """Ask something of a lead, and hear yes or no at once.

    - `accept`, `claim`: take a lead that was handed to you, or that waits for somebody
    - `reject`, `return`, `recycle`: give it back, with a reason of the playbook
    - `callback`, `snooze`: keep it, and agree with the buyer on a date
    - `reassign`: give it to a person or a team
    - `touch`: say that you reached out
    - `feedback`: tell marketing what came of it
    - `waive`: as a manager, let a promise go
    - `disqualify`, `reopen`: rule it out, bring it back

    What is refused changes nothing, and the answer says what to do instead. Whoever takes a lead must be an active
    person of the roster, and a member of the team it is given to. `note` and the feedback's `words` are free text: they
    stay in the database.
    """
    deps = dependencies_of(request)
    now = deps.now()
    check(command, now)
    asked = NewCommand(
        command_id=_id_of(idempotency_key, caller),
        lead_id=lead_id,
        name=command.command,
        body=command.model_dump(mode="json", exclude_none=True),
        actor=caller.actor,
    )
    stored = await _store(deps, asked, now)
    if not stored.repeats(asked):
        raise KeyReused("Send this command with an Idempotency-Key of its own.")
    if stored.state == "pending":
        stored = await _weigh(deps, stored)
    return await _answer(deps, stored)


async def _store(deps: Dependencies, asked: NewCommand, now: datetime) -> StoredCommand:
    try:
        async with store_call(deps.limits.store_seconds):
            return await deps.commands.put(asked, now)
    except NoSuchLeadError:
        raise no_such_lead() from None
    except NotInRosterError as unknown:
        raise CommandRefused(_sentence(str(unknown))) from None


async def _weigh(deps: Dependencies, stored: StoredCommand) -> StoredCommand:
    """Have it weighed, and read the answer where it stands. Raises `CommandUnweighed`."""
    code = "no_answer"
    try:
        await deps.desk.give(str(stored.lead_id), str(stored.command_id))
    except CommandUnanswered as unanswered:
        code = unanswered.code
    async with store_call(deps.limits.store_seconds):
        found = await deps.commands.read(stored.command_id)
    if found is None:
        raise no_such_lead()
    if found.state == "pending":
        raise CommandUnweighed(
            "Send it again with its command_id as Idempotency-Key: within ten seconds of the first time it may still "
            "be granted, after that it never is.",
            headers={"Retry-After": "1"},
            command_id=str(found.command_id),
            code=code,
        )
    return found


async def _answer(deps: Dependencies, stored: StoredCommand) -> CommandAnswer:
    command_id = str(stored.command_id)
    if stored.state == "refused":
        raise CommandRefused(_sentence(stored.reason), command_id=command_id)
    if stored.state == "expired":
        detail = "It was not weighed within ten seconds, and nothing was changed. Give it anew, with a key of its own."
        raise CommandExpired(detail, command_id=command_id)
    async with store_call(deps.limits.store_seconds):
        found = await deps.leads.get_lead(stored.lead_id)
        modes = await deps.leads.modes(deps.now())
    if found is None:
        raise no_such_lead()
    return CommandAnswer(command_id=stored.command_id, answer="granted", lead=lead_view(found.lead, modes))


def _sentence(reason: str | None) -> str:
    reason = reason or "the lead does not allow it now"
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") else ".")


def _id_of(key: str | None, caller: Caller) -> UUID:
    """The command's id: its key where that is a UUID, a name made of any other, else a new one."""
    if key is None:
        return uuid7()
    try:
        return UUID(key)
    except ValueError:
        return uuid5(_KEYS, f"{caller.principal}\n{key}")
