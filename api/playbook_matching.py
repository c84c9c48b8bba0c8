"""Two admins at once: the second is told what the first has changed, in place of undoing it unseen.

A revision's ETag is its number in quotes. Sent back as `If-Match` it lets a publish through only while that revision is
the newest.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.responses import Response

from api.dependencies import Dependencies
from api.playbook_models import PlaybookDiff, PlaybookRevision
from api.preconditions import Precondition, PreconditionFailed, quoted
from api.problems import NotFound, Problem
from storage.playbook_store import NoSuchRevisionError
from storage.playbooks import OvertakenError, PlaybookError

_NUMBER = re.compile(r'"(\d{1,9})"', re.ASCII)
_MOST_SINCE = 50


class InvalidPlaybook(Problem):
    """A document that is no usable playbook; `faults` has line, path and reason of each, `more` counts the rest."""

    name = "invalid-playbook"
    title = "This is no usable playbook"


class PlaybookOvertaken(PreconditionFailed):
    """Published by others meanwhile: `revisions` says who and why, `diff` what has changed since."""

    name = "playbook-overtaken"
    title = "Another revision has been published meanwhile"


def mark(response: Response, number: int) -> None:
    """Name the newest revision an answer speaks of."""
    response.headers["ETag"] = quoted(str(number))


@asynccontextmanager
async def refusals(deps: Dependencies, demanded: Precondition | None = None) -> AsyncIterator[None]:
    """What keeps a playbook from being compared or published, as problems."""
    try:
        yield
    except PlaybookError as error:
        detail = "Mend every place that faults names and publish again."
        raise InvalidPlaybook(detail, faults=error.faults, more=error.more) from None
    except NoSuchRevisionError:
        raise no_such_revision() from None
    except OvertakenError as error:
        raise await _overtaken(deps, demanded, error.newest) from None


async def base_of(deps: Dependencies, demanded: Precondition) -> int | None:
    """The revision that must be the newest still when the next one is made; None where any will do.

    Raises `OvertakenError` where it is not already.
    """
    if demanded.if_match is None:
        return None
    newest = await deps.playbooks.newest()
    try:
        demanded.check(str(newest) if newest else None)
    except PreconditionFailed:
        raise OvertakenError(newest) from None
    return newest


def no_such_revision() -> NotFound:
    return NotFound("There is no revision of this number; GET /v1/playbook/revisions lists them.")


async def _overtaken(deps: Dependencies, demanded: Precondition | None, newest: int) -> PlaybookOvertaken:
    """With what has changed since the revision that was named, where one was."""
    onto = max(map(int, _NUMBER.findall((demanded and demanded.if_match) or "")), default=newest)
    found = await deps.playbooks.revisions(before=newest + 1, limit=_MOST_SINCE)
    try:
        diff = PlaybookDiff.of(onto, newest, await deps.playbooks.changes(onto, newest))
    except NoSuchRevisionError:
        diff = None
    return PlaybookOvertaken(
        f"Revision {newest} is the newest now. Take what diff tells into your document, then send it with "
        f"If-Match {quoted(str(newest))}.",
        headers={"ETag": quoted(str(newest))},
        newest=newest,
        revisions=[PlaybookRevision.model_validate(record) for record in found if record.number > onto],
        diff=diff,
    )
