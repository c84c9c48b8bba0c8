"""The rollout of a revision, begun in the transaction that publishes it: then nothing of it can be lost."""

from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.running import Running
from storage.tables import playbook_rollouts


async def begin_rollout(
    connection: AsyncConnection, revision: int, running: Running, *, by: str, now: datetime, ring_at: datetime
) -> None:
    """Begin it; one that moves no promise under way is done at once.

    One that does takes over what an earlier one has left: it comes to the same leads, and they adopt both in their
    order. One that stood still had been stopped by somebody, and so its revision reaches nobody any more.
    """
    rollouts = playbook_rollouts
    if running.reaches:
        earlier = update(rollouts).values(ended_at=now, ring_due_at=now, why=f"revision {revision} was published")
        await connection.execute(earlier.where(rollouts.c.state == "running").values(state="superseded"))
        await connection.execute(earlier.where(rollouts.c.state == "paused").values(state="cancelled"))
    row = {"revision": revision, "begun_at": now, "changed_by": by}
    if running.reaches:
        row |= {"state": "running", "ring_due_at": ring_at}
    else:
        row |= {"state": "done", "ended_at": now, "total": 0}
    await connection.execute(insert(rollouts).values(row))
