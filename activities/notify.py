"""The activity `notify`: tells people what a lead's step decided they must hear.

At least once: an attempt that dies after the mail server took a letter sends it again, under the same Message-ID. A
mail server that is away costs a lead nothing: the notice is put off, its lead's life goes on. So is one that is held
back, because its hearer has had enough for the moment or is left in peace; whoever wakes first sends all that is due.
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
from activities.digests import Digests
from activities.failures import code_of, with_code
from activities.letters import Letter, Letters
from leads.brief import Claim, Standing
from leads.post import Dropped, Ending, Fate, Parcel, Post

NOTIFY = "notify"
NOT_NEEDED = "not_needed"
"""Code of a notice withdrawn without a decision: when it was to go out, nobody was left who needed it."""
STORE_AWAY = "store_away"
"""Code of a notice that waits for the database, or for another worker that sends to the same people."""
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
    """Where actions stand; a write under a claim that another attempt has taken over changes nothing.

    Every method raises `ConnectionError` where the store is away or busy.
    """

    async def claim(self, action_id: UUID, now: datetime) -> Claim: ...

    async def post(self, claim: Claim, now: datetime) -> Post | None: ...

    async def settle(
        self, claim: Claim, now: datetime, ending: Ending, fates: Sequence[Fate] = (), dropped: Sequence[Dropped] = (),
        *, last_attempt: int,
    ) -> None: ...  # fmt: skip


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
        first_pause: timedelta = FIRST_PAUSE,
        longest_pause: timedelta = LONGEST_PAUSE,
    ) -> None:
        self._store = store
        self._digests = Digests(letters)
        self._mail = mail
        self._console = console
        self._most_attempts = most_attempts
        self._pauses = (first_pause, longest_pause)

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
            post = await self._store.post(claim, now)
        except ConnectionError as away:
            # nothing is wrong with the notice: it costs no try
            ending = Ending(state="pending", code=STORE_AWAY, retry_at=now + self._pauses[0], is_no_try=True)
            log.info("notice_waits", action_id=str(claim.action_id), code=STORE_AWAY, exc_info=away)
            await self._store.settle(claim, now, ending, last_attempt=self._most_attempts)
            return PUT_OFF
        except Exception as error:
            # whatever cannot be told is parked in the end, and seen
            log.warning("notice_unreadable", action_id=str(claim.action_id), exc_info=error)
            ending = self._failed(claim, now, code_of(error, "notice_unreadable"))
            await self._store.settle(claim, now, ending, last_attempt=self._most_attempts)
            return _say(claim, ending)
        if post is None:
            return PUT_OFF
        fates = await self._hand_out(claim, post, now)
        now += timedelta(seconds=asyncio.get_running_loop().time() - begun)
        ending = self._ending(claim, post, fates, now)
        await self._store.settle(claim, now, ending, fates, post.dropped, last_attempt=self._most_attempts)
        return _say(claim, ending, post, fates)

    async def _hand_out(self, claim: Claim, post: Post, now: datetime) -> list[Fate]:
        """Write and deliver every parcel; how each fared."""
        said_at, retry_at = max(now, post.brief.issued_at), now + pause_after(claim.attempt, *self._pauses)
        letters: list[Letter] = []
        written: list[Parcel] = []
        fates: list[Fate] = []
        for parcel in post.parcels:
            try:
                letters.append(self._digests.write(parcel, said_at))
                written.append(parcel)
            except Exception as error:
                log.warning("notice_unwritable", action_id=str(claim.action_id), exc_info=error)
                fates.append(Fate(parcel=parcel, code=code_of(error, "notice_unwritable"), retry_at=retry_at))
        for parcel, delivery in zip(written, await self._deliver(letters), strict=True):
            code = None if delivery.outcome is Outcome.TOLD else delivery.code
            is_refused = delivery.outcome is Outcome.REFUSED
            again_at = None if is_refused else retry_at
            fates.append(Fate(parcel=parcel, code=code, retry_at=again_at, in_doubt=delivery.in_doubt))
        return fates

    def _ending(self, claim: Claim, post: Post, fates: Sequence[Fate], now: datetime) -> Ending:
        """What becomes of the action itself."""
        mine = [fate for fate in fates if claim in fate.parcel.claims and fate.code is not None]
        later = next((fate.code for fate in mine if fate.retry_at is not None), None)
        if later is not None:
            return self._failed(claim, now, later)
        fault = next((fate.code for fate in mine), None) or post.brief.unresolved
        if fault is None and not post.brief.hearers and not post.brief.told:
            fault = "nobody_to_tell"
        if fault is not None:
            return Ending(state="parked", code=fault)
        if _is_told(claim, post, fates):
            return Ending(state="done", is_no_try=True)
        return Ending(state="withdrawn", code=NOT_NEEDED, is_no_try=True)

    def _failed(self, claim: Claim, now: datetime, code: str) -> Ending:
        if claim.attempt >= self._most_attempts:
            return Ending(state="parked", code=code)
        return Ending(state="pending", code=code, retry_at=now + pause_after(claim.attempt, *self._pauses))

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


def _is_told(claim: Claim, post: Post, fates: Sequence[Fate]) -> bool:
    """Whether anybody has heard, or will: a correction of what nobody has heard is for nobody."""
    went = any(fate.code is None for fate in fates if claim in fate.parcel.claims)
    may_have_gone = any(drop.claim == claim and drop.letter_id is not None for drop in post.dropped)
    return went or may_have_gone or bool(post.brief.told) or post.held_until is not None


def _say(claim: Claim, ending: Ending, post: Post | None = None, fates: Sequence[Fate] = ()) -> str:
    """Log what happened, with ids and codes only, and answer the workflow."""
    told = sum(fate.code is None for fate in fates)
    held_until = post.held_until if post else None
    facts = {
        "action_id": str(claim.action_id),
        "lead_id": str(post.brief.lead_id) if post else None,
        "template": post.brief.template if post else None,
        "told": told,
    }
    if ending.state == "pending":
        retry_at = ending.retry_at.isoformat() if ending.retry_at else None
        log.warning("notice_put_off", **facts, code=ending.code, attempt=claim.attempt, retry_at=retry_at)
        return PUT_OFF
    if held_until is not None:
        log.info("notice_held", **facts, code=ending.code, until=held_until.isoformat())
        return PUT_OFF
    if ending.state == "parked":
        log.error("notice_parked", **facts, code=ending.code, attempt=claim.attempt)
        return PARKED
    if post is not None and (told or post.brief.told):
        log.info("notice_sent", **facts, together=max((len(fate.parcel.claims) for fate in fates), default=0))
        return SENT
    log.info("notice_not_needed", **facts)
    return ALREADY_DONE


def pause_after(attempt: int, first: timedelta = FIRST_PAUSE, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """How long to wait after a failed attempt: from the first pause doubling to the longest."""
    return min(first * (1 << min(attempt - 1, 10)), longest)
