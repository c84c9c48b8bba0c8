"""Packing one post: letters of one notice, and letters of all that was taken for a hearer."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from leads.brief import Brief, Claim, Hearer, Standing
from leads.post import URGENCY, Dropped, Parcel, Post, is_wanted
from leads.revisions import Shelf
from storage import outbox_sql
from storage.briefs import UnknownActionError, read_brief
from storage.outbox_sql import as_json
from storage.pipeline import Pipeline

MOST_SPELT_OUT = 50
"""Notices of a digest that are told one by one."""

KEPT_FOR = timedelta(days=1)
"""Far longer than any window of a playbook that makes sense: older rows are removed."""

log = structlog.get_logger(__name__)


class Packing:
    """A post in the making, of one claimed action."""

    def __init__(
        self, pipeline: Pipeline, shelf: Shelf, claim: Claim, brief: Brief, *, now: datetime, ends: datetime
    ) -> None:
        """`ends` is when whoever sends it is given up for dead."""
        self.brief, self.now = brief, now
        self._pipeline, self._shelf, self._claim, self._ends = pipeline, shelf, claim, ends
        self._parcels: list[Parcel] = []
        self._dropped: list[Dropped] = []
        self._admitted: list[dict[str, Any]] = []
        self._held_until: datetime | None = None
        self._hearers: dict[str, Hearer] = {}
        self._briefs: dict[UUID, Brief | None] = {claim.action_id: brief}

    def alone(self, hearer: Hearer) -> None:
        """The notice goes to this hearer by itself."""
        own = self._claim
        self._parcels.append(Parcel(letter_id=own.action_id, hearer=hearer, notices=(self.brief,), claims=(own,)))
        self._admit(hearer, "taken", self._ends)

    def hold(self, hearer: Hearer, until: datetime) -> None:
        """It is held back for this hearer."""
        self._admit(hearer, "held", until)
        self.wait(until)

    def _admit(self, hearer: Hearer, state: str, release_at: datetime) -> None:
        row = {"hearer": hearer.key, "role": hearer.role, "state": state, "release_at": release_at}
        self._admitted.append(row)

    def wait(self, until: datetime) -> None:
        """It has been held back before."""
        self._held_until = min(until, self._held_until or until)

    def with_others(self, hearer: Hearer) -> None:
        """It goes with whatever else was taken for this hearer."""
        self._hearers[hearer.key] = hearer

    def drop(self, hearer: str, may_be_in: UUID | None) -> None:
        """It was held for this hearer, who needs it no more; a letter lost with its worker `may_be_in` hand."""
        self._dropped.append(Dropped(claim=self._claim, hearer=hearer, letter_id=may_be_in))

    async def packed(self) -> Post:
        """The post, what goes out together looked up, what is new written down."""
        if self._admitted:
            self._write()
        if self._hearers:
            asked = {"action_id": self._claim.action_id, "hearers": [*self._hearers], "urgency": [*URGENCY]}
            taken: defaultdict[str, list[Any]] = defaultdict(list)
            found = self._pipeline.send(outbox_sql.IN_LETTERS, **asked)
            await self._pipeline.flush()
            for row in found.rows:
                taken[row.hearer].append(row)
            for hearer, rows in taken.items():
                await self._pack(self._hearers[hearer], rows)
        return Post(
            brief=self.brief,
            parcels=tuple(self._parcels),
            dropped=tuple(self._dropped),
            held_until=self._held_until,
        )

    def _write(self) -> None:
        own = {"action_id": self.brief.action_id, "lead_id": self.brief.lead_id, "now": self.now}
        hearers = [row["hearer"] for row in self._admitted]
        kept = {"long_ago": self.now - KEPT_FOR, "hearers": hearers}
        self._pipeline.send(outbox_sql.ADMIT, **own, **kept, rows=as_json(self._admitted))

    async def _pack(self, hearer: Hearer, rows: list[Any]) -> None:
        """One letter; what its reader needs no more is left out."""
        notices: list[Brief] = []
        claims: list[Claim] = []
        for row in rows:
            claim = Claim(Standing.GRANTED, row.action_id, row.attempts)
            if len(notices) < MOST_SPELT_OUT:
                brief = await self._brief(row.action_id)
                if brief is None or not is_wanted(brief, hearer.key):
                    letter = row.letter_id if row.is_repeat else None
                    self._dropped.append(Dropped(claim=claim, hearer=hearer.key, letter_id=letter))
                    continue
                notices.append(brief)
            claims.append(claim)
        if claims:
            self._parcels.append(
                Parcel(
                    letter_id=rows[0].letter_id,
                    hearer=hearer,
                    notices=tuple(notices),
                    claims=tuple(claims),
                    more=len(claims) - len(notices),
                )
            )

    async def _brief(self, action_id: UUID) -> Brief | None:
        """None: it cannot be told of, and its own turn will show why."""
        if action_id not in self._briefs:
            try:
                self._briefs[action_id] = await read_brief(self._pipeline, self._shelf, action_id, self.now)
            except (UnknownActionError, ValueError, LookupError) as error:
                log.warning("notice_unreadable", action_id=str(action_id), exc_info=error)
                self._briefs[action_id] = None
        return self._briefs[action_id]
