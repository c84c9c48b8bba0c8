"""Bring a database to this version, with refusals a person can act on."""

from storage.engine import DatabaseAwayError
from storage.migrate import SchemaTooNewError, head, upgrade
from workers.errors import CliError


def migrate(database_url: str) -> str:
    """Run what is missing and return the revision the database stands at. Raises `CliError`."""
    try:
        upgrade(database_url)
    except (DatabaseAwayError, SchemaTooNewError) as refusal:
        raise CliError(str(refusal)) from None
    return head()
