"""`POST /v1/roster/import`: people from a CSV file, all of them or none unless told otherwise."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.dependencies import dependencies_of
from api.problems import Problem, UnsupportedMediaType, responses
from api.roster import Admin
from api.roster_answers import by
from api.store_call import store_call
from api.strict_route import StrictRoute
from leads.roster_file import COLUMNS, MOST_ROWS, RosterFileError, read_roster_file
from storage.roster_import import Imported, Outcome

_CSV = "text/csv"
_EXAMPLE = """person_id,name,email,manager,skills,max_open_leads,teams
mira,Mira Manager,mira@example.com,,,,
ana,Ana Example,ana@example.com,mira,de;fr,40,sales=2
"""
_BODY = {
    "requestBody": {
        "required": True,
        "description": f"UTF-8, at most {MOST_ROWS:,} rows. Columns: {', '.join(COLUMNS)}; only person_id is needed.",
        "content": {_CSV: {"schema": {"type": "string", "minLength": 1}, "example": _EXAMPLE}},
    }
}

router = APIRouter(prefix="/v1/roster/import", tags=["roster"], route_class=StrictRoute)


class ImportRefused(Problem):
    """Some rows cannot be taken, so that none was; `rows` has each of them with its reasons."""

    name = "import-refused"
    title = "The file cannot be taken as it is"


class ImportedRow(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    line: int = Field(description="Where the row ends, the header being line 1.")
    person: str
    outcome: Outcome
    reasons: list[str]


class ImportAnswer(BaseModel):
    is_applied: bool = Field(description="False: a dry run, nothing was written.")
    added: int
    changed: int
    unchanged: int
    refused: int
    rows: list[ImportedRow]
    warnings: list[str] = Field(description="What is allowed, and may not have been meant.")


@router.post("", responses=responses(ImportRefused, UnsupportedMediaType), openapi_extra=_BODY)
async def import_people(
    request: Request,
    caller: Admin,
    *,
    partial: Annotated[bool, Query(description="Take the rows that fit, and leave the others.")] = False,
    dry_run: Annotated[bool, Query(description="Say what would come of each row; write nothing.")] = False,
) -> ImportAnswer:
    """Add and change people from a CSV file. The same file again changes nothing.

    A column that the file lacks leaves its field as it is; an empty cell empties it. Lists have `;` between.
    `teams` names all teams of a person, with a weight as in `sales=2`; rows may name each other in any order.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _CSV:
        raise UnsupportedMediaType(f"Send the file as {_CSV}.")
    deps = dependencies_of(request)
    try:
        rows = await asyncio.to_thread(read_roster_file, await request.body())
    except RosterFileError as refused:
        raise ImportRefused(_sentence(str(refused)), rows=[]) from None
    async with store_call(deps.limits.store_seconds):
        done = await deps.roster.imports.people(rows, partial=partial, dry_run=dry_run, by=by(deps, caller))
    answer = _answer(done)
    if answer.refused and not partial:
        refusals = [row.model_dump() for row in answer.rows if row.outcome is Outcome.REFUSED]
        detail = f"{answer.refused:,} of {len(rows):,} rows cannot be taken, and none was: mend those that rows names."
        raise ImportRefused(detail, rows=refusals)
    return answer


def _answer(done: Imported) -> ImportAnswer:
    counts = {outcome.value: sum(row.outcome is outcome for row in done.rows) for outcome in Outcome}
    rows = [ImportedRow.model_validate(row) for row in done.rows]
    return ImportAnswer(is_applied=done.is_applied, rows=rows, warnings=list(done.warnings), **counts)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
