"""The activity `tell_of_list`: whoever in marketing promised a list hears that it is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import NAMESPACE_URL, uuid5

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels import Channel, Outcome
from activities.failures import with_code
from activities.letters import Letter, Letters
from activities.list_look import TELL_OF_LIST, ListRequest
from activities.wording import Times, clean_line
from leads.brief import Hearer
from leads.telling.words import lasting

LATE = "list_late"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateList:
    """A list whose upload is overdue, or came too late, and whom to tell."""

    name: str
    hearer: Hearer
    timezone: str
    event_ended_at: datetime
    due_at: datetime
    uploaded_at: datetime | None
    took: timedelta
    """Working time from the event's end to the upload, or until now."""


class LateLists(Protocol):
    """Where it stands who is to be told. Both raise `ConnectionError` where the store is away."""

    async def late(self, name: str, now: datetime) -> LateList | None:
        """None: nobody is to be told, or has been."""

    async def told(self, name: str, due_at: datetime, now: datetime) -> None: ...


class TellOfList:
    """Tells once for each due instant; an attempt that dies after the mail server took the letter repeats it."""

    def __init__(self, lists: LateLists, letters: Letters, mail: Channel) -> None:
        self._lists, self._letters, self._mail = lists, letters, mail

    @activity.defn(name=TELL_OF_LIST)
    async def tell(self, request: ListRequest) -> str:
        """Tell of one list. Raises `ApplicationError` with a code where nobody could be told."""
        now = datetime.fromisoformat(request.now)
        with with_code("letter_failed"):
            late = await self._lists.late(request.name, now)
            if late is None:
                return "not_needed"
            [delivery] = await self._mail.deliver([self._letter(late, now)])
            if delivery.outcome is not Outcome.TOLD:
                code = delivery.code or "letter_failed"
                raise ApplicationError(code, type=code, non_retryable=delivery.outcome is Outcome.REFUSED)
            await self._lists.told(late.name, late.due_at, now)
        return "sent"

    def _letter(self, late: LateList, now: datetime) -> Letter:
        times = Times(late.timezone, now)
        text, html = self._letters.render(
            LATE,
            {
                "hearer": clean_line(late.hearer.name, 40),
                "list": late.name,
                "ended_at": times.wall(late.event_ended_at),
                "due_at": times.wall(late.due_at),
                "uploaded_at": times.wall(late.uploaded_at) if late.uploaded_at else "",
                "took": lasting(late.took),
            },
        )
        letter_id = uuid5(NAMESPACE_URL, f"leadloop:list:{late.name}:{late.due_at.isoformat()}")
        verb = "came in late" if late.uploaded_at else "is overdue"
        return Letter(
            letter_id=letter_id,
            lead_id=None,
            template=LATE,
            hearer=late.hearer.key,
            clock=None,
            due_at=late.due_at,
            url=None,
            email=late.hearer.email,
            name=clean_line(late.hearer.name),
            subject=f"The list {late.name[:40]} {verb}: due {times.short(late.due_at)}",
            text=text,
            html=html,
            sent_at=now,
            message_id=self._letters.message_id(letter_id, late.hearer),
        )
