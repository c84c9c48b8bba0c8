"""What a fresh database needs before a lead can live in it: a playbook and someone to give leads to."""

from datetime import datetime

from storage.engine import create_engine
from storage.playbooks import ensure_default
from storage.starter_roster import seed_starter


async def furnish(database_url: str, now: datetime, timezone: str = "UTC") -> None:
    """Publish the default playbook, in `timezone`, and the starter roster, each only where there is none."""
    engine = create_engine(database_url, pool_size=1)
    try:
        async with engine.begin() as connection:
            await ensure_default(connection, now, timezone)
            await seed_starter(connection)
    finally:
        await engine.dispose()
