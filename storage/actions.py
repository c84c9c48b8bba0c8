"""What a lead's steps ask the world to be told: issued and withdrawn inside the step's own transaction.

An action is named by the decision that issued it, so a step that runs twice issues it once. From `undone` on the rows
that may still be withdrawn are locked until the step commits: either the step takes one back, or it is sent and known
to be sent, never both.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid5

from sqlalchemy import case, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from leads.decisions import NoticeIssued
from leads.entries import Entry
from storage.tables import actions

NOTIFY = "notify"
"""The kind of an action that tells people."""
_IS_UNDONE = text("state IN ('pending', 'claimed')")  # as the partial index says it
_IS_UNTOLD = ~actions.c.payload.has_key("told")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAction:
    """A notice to be sent. `key` is the id of the decision that issued it, `to` the roles that shall hear."""

    lead_id: UUID
    key: str
    template: str
    to: tuple[str, ...]
    about: str
    """The clock's key, the hand-off or the decision it speaks of."""
    issued_at: datetime
    kind: str = NOTIFY
    owner: str | None = None
    corrects: str | None = None
    """The key of the notice that this one puts right."""
    rung: str | None = None

    @classmethod
    def of(cls, lead_id: UUID, decision: Entry) -> Self:
        """From a `notice_issued`. Raises TypeError for any other entry."""
        notice = decision.data
        if not isinstance(notice, NoticeIssued):
            raise TypeError(f"{decision.type} asks nobody to act")
        return cls(
            lead_id=lead_id,
            key=decision.id,
            template=notice.template,
            to=notice.to,
            about=notice.about,
            issued_at=decision.effective_at,
            owner=notice.owner,
            corrects=notice.corrects,
            rung=notice.rung,
        )

    @property
    def action_id(self) -> UUID:
        """The same whenever the same decision issues it again."""
        return action_id_of(self.lead_id, self.key)

    @property
    def payload(self) -> dict[str, Any]:
        """What the sender needs beside the columns; grows a `told` list while it is under way."""
        named = {"about": self.about, "owner": self.owner, "corrects": self.corrects, "rung": self.rung}
        return {"to": list(self.to)} | {name: value for name, value in named.items() if value is not None}


def action_id_of(lead_id: UUID, key: str) -> UUID:
    """The id of the action that the decision `key` of a lead issued."""
    return uuid5(lead_id, key)


@dataclass(frozen=True, slots=True)
class UndoneAction:
    """An action on its way. A claimed one is in a worker's hands; `retry_at` is when it is given up for lost."""

    action_id: UUID
    key: str
    state: str
    retry_at: datetime | None
    """Not before then; None: now."""
    is_withdrawable: bool
    """Nobody has heard of it yet, and nobody can until this transaction ends."""


async def issue(connection: AsyncConnection, lead_id: UUID, new: Sequence[NewAction]) -> None:
    """Write actions to be done; one that was issued before is left as it is."""
    if not new:
        return
    rows = [
        {
            "action_id": action.action_id,
            "lead_id": lead_id,
            "key": action.key,
            "kind": action.kind,
            "template": action.template,
            "payload": action.payload,
            "issued_at": action.issued_at,
        }
        for action in new
    ]
    await connection.execute(insert(actions).values(rows).on_conflict_do_nothing())


async def undone(connection: AsyncConnection, lead_id: UUID) -> list[UndoneAction]:
    """The lead's actions that are neither done nor given up, oldest first; locked until the transaction ends."""
    is_withdrawable = case((actions.c.state == "pending", _IS_UNTOLD), else_=literal_column("false"))
    rows = await connection.execute(
        select(actions.c.action_id, actions.c.key, actions.c.state, actions.c.retry_at, is_withdrawable)
        .where(actions.c.lead_id == lead_id, _IS_UNDONE)
        .order_by(actions.c.issued_at, actions.c.key)
        .with_for_update(key_share=True)
    )
    return [UndoneAction(*row) for row in rows]


async def withdraw(connection: AsyncConnection, lead_id: UUID, keys: Collection[str]) -> None:
    """Take back actions that nobody has heard of yet; others are left to run their course."""
    if not keys:
        return
    await connection.execute(
        update(actions)
        .where(actions.c.lead_id == lead_id, actions.c.key.in_(keys), actions.c.state == "pending", _IS_UNTOLD)
        .values(state="withdrawn", retry_at=None)
    )
