"""What a draft would do, asked of the database: one snapshot, read in batches, weighed in processes beside this one.

Nothing is written and no row is locked: steps, ingest and publishing go on as if nobody looked. What a lead's turn asks
(who is in a team, say) is read once for all leads: each is looked at by itself, as if it were the next in turn.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from leads.lifecycle import AskJournal
from leads.revisions import NoPlaybookError
from leads.running import Running
from leads.telling.what_if import sentences
from leads.what_if.report import Looked, OpenPreview, PastPreview, Preview
from leads.what_if.tally import OpenSums, PastSums
from storage.playbook_store import PlaybookStore
from storage.preview_batches import Batch, LeadText, PlanText, TeamQuestion, Travelling, Weighed
from storage.preview_reading import Snapshot, snapshot

MOST_LEADS = 100_000
"""Looked at in one preview, of open and of past leads each; of more an even sample."""
_MOST_QUESTIONS = 50
"""Of one lead's turn."""

Weigh = Callable[[Batch], Awaitable[Weighed]]


class Weighers(Protocol):
    """Whoever weighs batches, several at a time."""

    @property
    def at_once(self) -> int: ...

    def __call__(self, plan: PlanText) -> AbstractAsyncContextManager[Weigh]:
        """Weighs under one plan until it is left."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a preview is."""

    done: int
    leads: int


Tell = Callable[[Progress], None]


def _tell_nobody(_: Progress) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be previewed."""

    source: str
    """The draft as YAML."""
    running: Running = field(default_factory=Running)
    """What the draft does to promises under way."""
    since: datetime | None = None
    """Hand-offs from then on are folded again too, as if the draft had always been in force."""
    most_leads: int = MOST_LEADS


class PreviewStore:
    """Previews drafts. Safe to share between tasks."""

    def __init__(self, engine: AsyncEngine, playbooks: PlaybookStore, weighers: Weighers) -> None:
        self._engine = engine
        self._playbooks = playbooks
        self._weighers = weighers

    async def preview(self, asked: Asked, now: datetime, tell: Tell = _tell_nobody) -> Preview:
        """What the draft would do; `tell` hears how far it is.

        Raises `PlaybookError` as publishing does, `PreviewsBusyError`, `DatabaseAwayError` and `NoPlaybookError`.
        """
        draft = (await self._playbooks.checked(asked.source, now)).model_dump(mode="json", by_alias=True)
        async with snapshot(self._engine) as leads:
            revisions = await leads.revisions()
            if not revisions:
                raise NoPlaybookError
            plan = PlanText(revisions, draft, now, asked.running, asked.since)
            async with self._weighers(plan) as weigh:
                return await _Run(leads, weigh, self._weighers.at_once, plan, asked.most_leads, tell).preview()


class _Run:
    """One preview under way: what has been summed up so far."""

    def __init__(  # noqa: PLR0917  made in one place
        self, leads: Snapshot, weigh: Weigh, at_once: int, plan: PlanText, most_leads: int, tell: Tell
    ) -> None:
        self._leads = leads
        self._weigh = weigh
        self._slots = asyncio.Semaphore(2 * at_once)
        self._plan = plan
        self._most = most_leads
        self._tell = tell
        self._answers: dict[Travelling, Any] = {}
        self._open, self._past = OpenSums(), PastSums()
        self._done = self._total = 0

    async def preview(self) -> Preview:
        since = self._plan.since
        of_open = await self._leads.count_open()
        of_past = await self._leads.count_past(since) if since else 0
        self._total = min(of_open, self._most) + min(of_past, self._most)
        self._tell(Progress(0, self._total))
        looked_open = await self._look(self._leads.open_leads(self._share(of_open)), of_open, self._weigh_open)
        past = None
        if since:
            pages = self._leads.past_leads(since, self._share(of_past))
            looked_past = await self._look(pages, of_past, self._weigh_past)
            looked_past.leads = self._past.leads
            past = PastPreview.of(self._past, since, looked_past)
        looked_open.leads = self._open.leads
        made = self._plan.read()
        found = Preview(
            at=made.at,
            base=made.base,
            running=self._plan.running,
            open=OpenPreview.of(self._open, looked_open),
            past=past,
        )
        return found.model_copy(update={"summary": sentences(found)})

    def _share(self, leads: int) -> float:
        return min(1.0, self._most / leads) if leads else 1.0

    async def _look(
        self, pages: AsyncIterator[list[UUID]], there_are: int, weigh: Callable[[list[UUID], Looked], Awaitable[None]]
    ) -> Looked:
        """Weigh page after page, as many at a time as there are slots."""
        looked = Looked(leads=0, of=there_are, is_sample=there_are > self._most)

        async def work(page: list[UUID]) -> None:
            try:
                await weigh(page, looked)
            finally:
                self._slots.release()
            self._done += len(page)
            self._tell(Progress(min(self._done, self._total), self._total))

        async with aclosing(pages), asyncio.TaskGroup() as under_way:  # type: ignore[type-var]
            async for page in pages:
                await self._slots.acquire()
                under_way.create_task(work(page))
        return looked

    async def _weigh_open(self, page: list[UUID], looked: Looked) -> None:
        leads, unread = await self._leads.states(page)
        looked.unread += unread
        answers = dict(self._answers)
        for _ in range(_MOST_QUESTIONS):
            weighed = await self._weigh(Batch(leads, answers))
            self._open.add(weighed.open)
            looked.unreadable += len(weighed.failed)
            if not weighed.questions:
                return
            await self._answer(set(weighed.questions.values()), answers)
            leads = await self._asking([lead for lead in leads if lead.lead_id in weighed.questions], weighed, looked)
        looked.unreadable += len(leads)

    async def _answer(self, questions: set[Travelling], answers: dict[Travelling, Any]) -> None:
        """Find the answers for a page; those about teams serve all pages, since there are few."""
        for question in questions - answers.keys():
            if not isinstance(question, AskJournal):
                answers[question] = await self._leads.answer(question, self._plan.at)
            if isinstance(question, TeamQuestion) and question.at == self._plan.at:
                self._answers[question] = answers[question]

    async def _asking(self, leads: list[LeadText], weighed: Weighed, looked: Looked) -> list[LeadText]:
        """The leads that asked, with their journals where they asked for these."""
        at_a_loss = [lead for lead in leads if isinstance(weighed.questions[lead.lead_id], AskJournal)]
        portions, too_long = await self._leads.portions([UUID(lead.lead_id) for lead in at_a_loss])
        looked.too_long += too_long
        journals: dict[str, str] = {}
        for portion in portions:
            journals |= await self._leads.journals(portion)
        known = [lead for lead in leads if lead not in at_a_loss]
        return known + [replace(lead, journal=journals[lead.lead_id]) for lead in at_a_loss if lead.lead_id in journals]

    async def _weigh_past(self, page: list[UUID], looked: Looked) -> None:
        portions, too_long = await self._leads.portions(page)
        looked.too_long += too_long
        for portion in portions:
            weighed = await self._weigh(Batch(await self._leads.lives(portion), is_past=True))
            self._past.add(weighed.past)
            looked.unreadable += len(weighed.failed)
