"""The activity `notify`: tells people what a lead's step decided they must hear.

At least once: an attempt that dies after the mail server took a letter sends it again, under the same Message-ID. A
mail server that is away costs a lead nothing: the notice is put off, its lead's life goes on.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels import Channel, Delivery, Outcome
from activities.failures import code_of, with_code
from activities.letters import Letter, Letters
from leads.brief import Brief, Claim, Standing

NOTIFY = "notify"
SENT, WITHDRAWN, ALREADY_DONE, PUT_OFF, PARKED = "sent", "withdrawn", "already_done", "put_off", "parked"
MOST_ATTEMPTS = 12
"""With the pauses below about eight hours of trying."""
FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)
_ANSWERS = {
    Standing.WITHDRAWN: WITHDRAWN,
    Standing.DONE: ALREADY_DONE,
    Standing.PARKED: PARKED,
    Standing.HELD: PUT_OFF,
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class NotifyRequest:
    """Which action. Nothing personal travels through Temporal."""

    action_id: str


class ActionStore(Protocol):
    """Where actions stand; a write under a claim that another attempt has taken over changes nothing."""

    async def claim(self, action_id: UUID, now: datetime) -> Claim: ...

    async def brief(self, claim: Claim, now: datetime) -> Brief: ...

    async def finish(self, claim: Claim, now: datetime, told: Sequence[str]) -> None: ...

    async def put_off(self, claim: Claim, retry_at: datetime, code: str, told: Sequence[str]) -> None: ...

    async def park(self, claim: Claim, code: str, told: Sequence[str]) -> None: ...


class Notify:
    """Sends notices: people by `mail`, a team's channel that has no address by `console`."""

    def __init__(
        self,
        store: ActionStore,
        letters: Letters,
        *,
        mail: Channel,
        console: Channel,
        most_attempts: int = MOST_ATTEMPTS,
    ) -> None:
        self._store = store
        self._letters = letters
        self._mail = mail
        self._console = console
        self._most_attempts = most_attempts

    @activity.defn(name=NOTIFY)
    async def notify(self, request: NotifyRequest) -> str:
        """Send one notice: sent, withdrawn, already_done, put_off or parked.

        Raises `ApplicationError` with a code when the store does not answer; the claim runs out by itself then.
        """
        try:
            action_id = UUID(request.action_id)
        except ValueError:
            raise ApplicationError("bad_action_id", type="bad_action_id", non_retryable=True) from None
        # the server's clock is the one the lead's workflow goes by
        now = activity.info().started_time
        with with_code("store_failed"):
            claim = await self._store.claim(action_id, now)
            if claim.standing is not Standing.GRANTED:
                return _ANSWERS[claim.standing]
            return await self._send(claim, now)

    async def _send(self, claim: Claim, now: datetime) -> str:
        begun = asyncio.get_running_loop().time()
        try:
            brief = await self._store.brief(claim, now)
            hearers = [hearer for hearer in brief.hearers if hearer.key not in brief.told]
            said_at = max(now, brief.issued_at)
            letters = [self._letters.write(brief, hearer, said_at) for hearer in hearers]
        except Exception as error:
            # whatever cannot be written is parked in the end, and seen
            log.warning("notice_unwritable", action_id=str(claim.action_id), exc_info=error)
            return await self._try_later(claim, now, code_of(error, "notice_unwritable"), ())
        deliveries = await self._deliver(letters)
        now += timedelta(seconds=asyncio.get_running_loop().time() - begun)
        reached = zip(letters, deliveries, strict=True)
        told = [*brief.told, *(letter.hearer for letter, delivery in reached if delivery.outcome is Outcome.TOLD)]
        later = next((d.code for d in deliveries if d.outcome is Outcome.LATER), None)
        if later is not None:
            return await self._try_later(claim, now, later, told)
        fault = next((d.code for d in deliveries if d.outcome is Outcome.REFUSED), None) or brief.unresolved
        if fault is not None or not told:
            return await self._park(claim, fault or "nobody_to_tell", told)
        await self._store.finish(claim, now, told)
        log.info(
            "notice_sent",
            action_id=str(claim.action_id), lead_id=str(brief.lead_id), template=brief.template, told=len(told),
        )  # fmt: skip
        return SENT

    async def _deliver(self, letters: Sequence[Letter]) -> list[Delivery]:
        """Each letter by its channel; the answers in the letters' order."""
        mail = [letter for letter in letters if letter.email is not None]
        others = [letter for letter in letters if letter.email is None]
        # the terminal first: it never keeps anyone waiting
        answers = dict(zip((x.hearer for x in others), await self._by(self._console, others), strict=True))
        answers |= dict(zip((x.hearer for x in mail), await self._by(self._mail, mail), strict=True))
        return [answers[letter.hearer] for letter in letters]

    async def _by(self, channel: Channel, letters: Sequence[Letter]) -> list[Delivery]:
        return await channel.deliver(letters) if letters else []

    async def _try_later(self, claim: Claim, now: datetime, code: str, told: Sequence[str]) -> str:
        if claim.attempt >= self._most_attempts:
            return await self._park(claim, code, told)
        retry_at = now + pause_after(claim.attempt)
        await self._store.put_off(claim, retry_at, code, told)
        log.warning(
            "notice_put_off",
            action_id=str(claim.action_id), code=code, attempt=claim.attempt, retry_at=retry_at.isoformat(),
        )  # fmt: skip
        return PUT_OFF

    async def _park(self, claim: Claim, code: str, told: Sequence[str]) -> str:
        await self._store.park(claim, code, told)
        log.error("notice_parked", action_id=str(claim.action_id), code=code, attempt=claim.attempt, told=len(told))
        return PARKED


def pause_after(attempt: int) -> timedelta:
    """How long to wait after a failed attempt: 2 minutes, doubling to an hour."""
    return min(FIRST_PAUSE * (1 << min(attempt - 1, 10)), LONGEST_PAUSE)
