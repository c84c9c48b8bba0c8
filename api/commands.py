"""`POST /v1/leads/{id}/commands`: asking something of a lead, and hearing yes or no at once.

The command is stored first, with all it says; only its id goes to the lead's life, whose step weighs it and writes the
answer into the row, where it is read. A command that could not be weighed in time expires and is never granted later.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Body, Depends, Header
from pydantic import BaseModel, Field
from starlette.requests import Request

from api.auth import Caller, Requires
from api.dependencies import Dependencies, dependencies_of
from api.lead_views import LeadView, lead_view
from api.leads import LeadId, no_such_lead
from api.problems import Conflict, InvalidRequest, NotFound, Problem, responses
from api.store_call import store_call
from leads.commands import Command, CommandData
from storage.commands import NewCommand, NoSuchLeadError, NotInRosterError, StoredCommand
from storage.ids import uuid7
from storage.keys import Scope
from workflows.lead_commands import CommandUnanswered

_KEYS = UUID("5f1f8a3e-6d0c-4b9a-9d53-0c1e6f1d2b47")
"""Names the ids that are made of Idempotency-Keys."""
_FARTHEST = timedelta(days=3_660)
"""How far from now an instant in a command may lie; further is a slip of the pen."""
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

router = APIRouter(prefix="/v1/leads", tags=["commands"])


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
    command: Annotated[Command, Body(description="What is asked of the lead; the actor is the key's principal.")],
    caller: Annotated[Caller, Depends(Requires(Scope.LEADS_WRITE))],
    idempotency_key: IdempotencyKey = None,
) -> CommandAnswer:
    """Accept, reject, reassign, claim, touch, snooze, disqualify or reopen a lead. Granted or refused at once."""
    deps = dependencies_of(request)
    now = deps.now()
    _check(command, now)
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
    if found is None:
        raise no_such_lead()
    return CommandAnswer(command_id=stored.command_id, answer="granted", lead=lead_view(found.lead))


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


def _check(command: CommandData, now: datetime) -> None:
    """What the types let through and the store or the calendar arithmetic cannot hold. Raises `InvalidRequest`."""
    faults = [
        {"in": "body", "pointer": f"/{name}", "code": code, "detail": detail}
        for name, code, detail in _faults(command.model_dump(), now)
    ]
    if faults:
        raise InvalidRequest("The command does not fit its description; errors says where.", errors=faults)


def _faults(fields: dict[str, Any], now: datetime) -> Iterator[tuple[str, str, str]]:
    for name, value in fields.items():
        if isinstance(value, str) and "\0" in value:
            yield name, "bad_character", "holds NUL, which cannot be stored"
        if isinstance(value, datetime) and abs(value - now.astimezone(UTC)) > _FARTHEST:
            yield name, "out_of_range", "lies more than ten years from now"
