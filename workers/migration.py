"""Bring a database to this version and furnish it, with refusals a person can act on."""

import asyncio
from datetime import UTC, datetime

from storage.engine import DatabaseAwayError
from storage.migrate import SchemaTooNewError, head, upgrade
from storage.playbooks import PlaybookError
from workers.errors import CliError
from workers.furnish import furnish


def migrate(database_url: str, timezone: str = "UTC") -> str:
    """Run what is missing and return the revision the database stands at.

    A database without a playbook gets the default one, its working hours in `timezone`; one without people gets the
    starter roster. Raises `CliError`.
    """
    try:
        upgrade(database_url)
        asyncio.run(furnish(database_url, datetime.now(UTC), timezone))
    except (DatabaseAwayError, SchemaTooNewError) as refusal:
        raise CliError(str(refusal)) from None
    except PlaybookError as refusal:
        raise CliError(f"LEADLOOP_TIMEZONE cannot be used: {refusal}") from None
    return head()
