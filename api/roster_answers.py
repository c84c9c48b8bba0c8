"""What the roster's routes have in common: the change asked for, the answer to it, and its refusals."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json
from starlette.responses import Response

from api.auth import Caller
from api.dependencies import Dependencies
from api.preconditions import Precondition, PreconditionFailed, quoted
from api.problems import Conflict, NotFound
from api.store_call import store_call
from storage.roster_changes import By
from storage.roster_kept import Change, Edited, Fault, Kept, RosterError, document

Entry = TypeVar("Entry", bound=BaseModel)


class RosterConflict(Conflict):
    """It does not fit the roster or the playbook; `errors` says where and why."""

    name = "roster-conflict"
    title = "This does not fit the roster"


def by(deps: Dependencies, caller: Caller) -> By:
    return By(actor=caller.actor, at=deps.now().astimezone(UTC))


async def edited(deps: Dependencies, editing: Awaitable[Edited[Entry]], of: tuple[str, str]) -> Edited[Entry]:
    """The edit once it is done. Raises `RosterConflict`; a `PreconditionFailed` says who changed it last."""
    try:
        async with store_call(deps.limits.store_seconds):
            return await editing
    except RosterError as refused:
        detail = "; ".join(fault.reason for fault in refused.faults)
        raise RosterConflict(_sentence(detail), errors=[error_of(fault) for fault in refused.faults]) from None
    except PreconditionFailed as failed:
        kind, subject = of
        async with store_call(deps.limits.store_seconds):
            last = await deps.roster.changes.list(kind=kind, subject=subject, limit=1)
        for change in last:
            failed.members["last_change"] = {"at": change.at, "actor": change.actor, "fields": change.fields}
        raise


def error_of(fault: Fault) -> dict[str, str]:
    """As a refusal of a body names its places."""
    place = fault.place.replace("[", ".").replace("]", "")
    pointer = "".join("/" + part.replace("~", "~0") for part in place.split(".") if part)
    return {"in": "body", "pointer": pointer, "code": fault.code, "detail": fault.reason}


def replaced_by(entry: Entry, asked: Precondition) -> Change[Entry]:
    """A change to the whole entry; over one that is there only with its ETag."""

    def change(kept: Kept[Entry] | None) -> Entry:
        asked.check(kept.version if kept else None, is_required=True)
        return entry

    return change


def changed_by(fields: dict[str, Any], model: type[Entry], asked: Precondition, missing: NotFound) -> Change[Entry]:
    """A change of these fields. It raises `missing` where nothing is there."""

    def change(kept: Kept[Entry] | None) -> Entry:
        entry = present(kept, asked, missing)
        try:
            return model.model_validate(document(entry) | fields)
        except ValidationError as refused:
            faults = refused.errors(include_url=False, include_input=False)
            raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from None

    return change


def taken_away(asked: Precondition, missing: NotFound) -> Callable[[Kept[Entry] | None], None]:
    """A change to nothing. It raises `missing` where nothing is there."""

    def change(kept: Kept[Entry] | None) -> None:
        present(kept, asked, missing)

    return change


def present(kept: Kept[Entry] | None, asked: Precondition, missing: NotFound) -> Entry:
    """The entry that is to be changed. Raises `missing`, `PreconditionFailed`."""
    if kept is None:
        raise missing
    asked.check(kept.version)
    return kept.entry


def shown(kept: Kept[Any], id_field: str) -> dict[str, Any]:
    """An entry with its id."""
    return {id_field: kept.name, **document(kept.entry)}


def answer(content: dict[str, Any], kept: Kept[Any], status: int = 200) -> Response:
    """JSON with the entry's ETag; not through a model, since a row may be older than a rule of it."""
    return Response(
        to_json(content),
        status,
        {"ETag": quoted(kept.version), "Cache-Control": "private, no-cache"},
        "application/json",
    )


def page(name: str, found: list[dict[str, Any]], following: str | None) -> Response:
    return Response(to_json({name: found, "next": following}), media_type="application/json")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
