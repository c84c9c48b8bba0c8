"""Notices end to end: a row in a real database, a mail server on loopback, and all that can go wrong between."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs
from temporalio.exceptions import ApplicationError

from activities.channels import TOLD, Channel, Delivery
from activities.letters import Letter
from activities.notify import pause_after
from leads.brief import Claim
from leads.decisions import NoticeIssued
from leads.post import Post
from storage.actions import LEASE, ActionStore
from storage.engine import DatabaseAwayError
from storage.playbooks import Shelves
from tests.activities.teller import Teller
from tests.builders import Story, at, captured, raised, touched
from tests.desk import NOON, PERSONAL, WORDS, Desk, notice
from tests.smtp_sink import SmtpSink

ANA, BEN, MIRA = "ana@sales.example", "ben@sales.example", "mira@sales.example"


@pytest.fixture
def teller(desk: Desk, smtp_sink: SmtpSink) -> Teller:
    return Teller(desk, smtp_sink)


def breach_of(story: Story) -> Any:
    """The owner's; the team's channel gets another at the same instant."""
    issued = [entry for entry in story.decided("notice_issued") if isinstance(entry.data, NoticeIssued)]
    return next(entry for entry in issued if (entry.data.template, entry.data.to) == ("breach", ("owner:ana",)))  # type: ignore[attr-defined]  # by type


def untouched_story(minutes: float) -> Story:
    """Raised on Monday 9:00, first touch due 9:15, nobody moves."""
    story = Story()
    story.step(at(), captured(at(), **PERSONAL), raised(at(), words=WORDS))
    story.sleep_until(at(minutes))
    return story


async def test_a_breach_is_told_and_its_retraction_follows_in_the_same_thread(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    story = untouched_story(16)
    await desk.keep(story)
    assert await teller.tell(await desk.issue(breach_of(story)), at(16)) == "sent"

    story.step(at(20), touched(at(10), recorded_at=at(20)))  # word of a touch in time comes late
    await desk.keep(story)
    assert await teller.tell(await desk.issue(story.decided("notice_issued")[-1]), at(20)) == "sent"

    alarm, correction = [delivery.message for delivery in smtp_sink.to(ANA)]
    assert alarm["Subject"] == "First touch overdue since 09:15 UTC: Jane Doe (Acme GmbH)"
    assert correction["Subject"] == f"Re: {alarm['Subject']}"
    assert correction["In-Reply-To"] == alarm["Message-ID"]
    assert correction["References"].split()[0] == alarm["References"]
    assert "Ana Example called at Mon 1 Jun, 09:10 UTC" in smtp_sink.to(ANA)[1].text


async def test_a_notice_sent_is_done_and_is_not_sent_again(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    action_id = await desk.issue(notice("overtaken"))

    assert [await teller.tell(action_id), await teller.tell(action_id)] == ["sent", "already_done"]

    row = await desk.row(action_id)
    assert (row.state, row.payload["told"], len(smtp_sink.deliveries)) == ("done", ["ana"], 1)
    assert NOON <= row.done_at < NOON + timedelta(seconds=10)


async def test_a_notice_withdrawn_meanwhile_is_not_sent(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    action_id = await desk.issue(notice("overtaken"))
    await desk.set_row(action_id, state="withdrawn")

    assert await teller.tell(action_id) == "withdrawn"
    assert await teller.tell(uuid4()) == "withdrawn"  # its lead was erased
    assert smtp_sink.attempts == 0


async def test_a_server_that_hangs_puts_the_notice_off(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    action_id = await desk.issue(notice("overtaken"))
    smtp_sink.hang()

    assert await teller.tell(action_id) == "put_off"

    row = await desk.row(action_id)
    assert (row.state, row.error_code, row.attempts) == ("pending", "mail_timeout", 1)
    assert timedelta(minutes=2) <= row.retry_at - NOON < timedelta(minutes=2, seconds=5)
    smtp_sink.accept()
    assert await teller.tell(action_id, row.retry_at) == "sent"


async def test_after_the_last_attempt_a_notice_is_parked_and_can_be_tried_again(
    desk: Desk, smtp_sink: SmtpSink
) -> None:
    teller = Teller(desk, smtp_sink, most_attempts=3)
    action_id = await desk.issue(notice("overtaken"))
    smtp_sink.refuse()

    hours = [NOON + timedelta(hours=number) for number in range(4)]
    assert [await teller.tell(action_id, hour) for hour in hours] == ["put_off", "put_off", "parked", "parked"]

    assert await desk.store.count_parked() == {"mail_sender_refused": 1}
    smtp_sink.accept()
    assert await desk.store.retry_parked(action_id, NOON)
    assert await teller.tell(action_id) == "sent"


def test_the_pauses_double_from_two_minutes_to_an_hour() -> None:
    assert [pause_after(n).total_seconds() / 60 for n in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]
    assert pause_after(1000) == timedelta(hours=1)
    shorter = (timedelta(seconds=3), timedelta(seconds=20))
    assert [pause_after(n, *shorter).total_seconds() for n in range(1, 5)] == [3, 6, 12, 20]


async def test_a_worker_that_died_with_the_claim_is_followed_by_another(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    action_id = await desk.issue(notice("overtaken"))
    await desk.claimed(action_id)

    assert await teller.tell(action_id) == "put_off"  # it may be sending this very moment
    assert await teller.tell(action_id, NOON + LEASE) == "sent"
    assert len(smtp_sink.deliveries) == 1


async def test_a_crash_after_the_server_took_the_mail_repeats_it_recognisably(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    action_id = await desk.issue(notice("overtaken"))
    await teller.tell(action_id)
    await desk.set_row(action_id, state="claimed", retry_at=NOON, done_at=None, payload={"to": ["owner:ana"]})

    assert await teller.tell(action_id, NOON + LEASE) == "sent"
    assert len({delivery.message["Message-ID"] for delivery in smtp_sink.to(ANA)}) == 1


async def test_who_was_reached_is_not_told_again_when_another_was_not(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    action_id = await desk.issue(notice("overtaken", "owner:ana", "owner:ben"))
    smtp_sink.refuse_recipient(BEN, "450 4.2.1 greylisted")
    assert await teller.tell(action_id) == "put_off"

    smtp_sink.accept_recipients()
    assert await teller.tell(action_id, (await desk.row(action_id)).retry_at) == "sent"

    assert [len(smtp_sink.to(ANA)), len(smtp_sink.to(BEN))] == [1, 1]


async def test_the_deputy_of_an_absent_owner_reads_why(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    await desk.send_away("ana")

    assert await teller.tell(await desk.issue(notice("overtaken"))) == "sent"

    assert [delivery.recipients for delivery in smtp_sink.deliveries] == [[ANA], [BEN]]
    assert "you stand in for Ana Example" in smtp_sink.to(BEN)[0].text


@pytest.mark.parametrize(
    ("to", "code", "told"),
    [
        (("owner:ghost",), "unknown_person", []),
        (("owner:ana", "owner:ghost"), "unknown_person", [ANA]),
        (("manager:mira",), "no_manager", []),
        (("deputy:ben",), "nobody_to_tell", []),
    ],
)
async def test_a_notice_that_leads_to_nobody_is_parked_after_the_others_heard(
    desk: Desk, smtp_sink: SmtpSink, to: tuple[str, ...], code: str, told: list[str]
) -> None:
    action_id = await desk.issue(notice("overtaken", *to))

    assert await Teller(desk, smtp_sink).tell(action_id) == "parked"

    assert (await desk.row(action_id)).error_code == code
    assert [delivery.recipients[0] for delivery in smtp_sink.deliveries] == told


async def test_an_address_that_does_not_exist_parks_the_notice_at_once(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    smtp_sink.refuse_recipient(ANA, "550 5.1.1 no such user")
    action_id = await desk.issue(notice("overtaken", "owner:ana", "manager:ana"))

    assert await teller.tell(action_id) == "parked"

    assert (await desk.row(action_id)).error_code == "address_refused"
    assert len(smtp_sink.to(MIRA)) == 1


@pytest.mark.parametrize(("template", "code"), [("digest", "unknown_template"), ("breach", "promise_gone")])
async def test_what_cannot_be_written_is_put_off_then_parked(
    desk: Desk, smtp_sink: SmtpSink, template: str, code: str
) -> None:
    teller = Teller(desk, smtp_sink, most_attempts=2)
    action_id = await desk.issue(notice(template))

    assert await teller.tell(action_id) == "put_off"
    assert await teller.tell(action_id, (await desk.row(action_id)).retry_at) == "parked"
    assert (await desk.row(action_id)).error_code == code


class Printed(Channel):
    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def deliver(self, letters: Sequence[Letter]) -> list[Delivery]:
        self.letters += letters
        return [TOLD] * len(letters)


async def test_a_channel_without_an_address_goes_to_the_log_beside_the_mail(desk: Desk, smtp_sink: SmtpSink) -> None:
    printed = Printed()
    teller = Teller(desk, smtp_sink, console=printed)

    assert await teller.tell(await desk.issue(notice("overtaken", "channel:sales", "owner:ana"))) == "sent"

    assert [letter.hearer for letter in printed.letters] == ["channel:sales"]
    assert len(smtp_sink.deliveries) == 1


class BrokenStore:
    """Fails as a driver does, quoting a row."""

    async def claim(self, action_id: UUID, now: datetime) -> Claim:
        del action_id, now
        raise RuntimeError("Key (email)=(jane@acme.example) already exists")


async def test_a_store_that_fails_lets_out_a_code_and_no_more(desk: Desk, smtp_sink: SmtpSink) -> None:
    with pytest.raises(ApplicationError) as failure:
        await Teller(desk, smtp_sink, store=BrokenStore()).tell(uuid4())

    assert (failure.value.type, failure.value.message) == ("store_failed", "store_failed")
    assert not failure.value.non_retryable


class BusyStore(ActionStore):
    """Its hearers are locked by somebody else."""

    async def post(self, claim: Claim, now: datetime) -> Post | None:
        del claim, now
        raise DatabaseAwayError("the database is away or busy: try again")


async def test_a_store_that_is_busy_costs_a_notice_no_try(desk: Desk, smtp_sink: SmtpSink, teller: Teller) -> None:
    action_id = await desk.issue(notice("overtaken"))
    busy = Teller(desk, smtp_sink, store=BusyStore(desk.engine, Shelves(desk.engine)), most_attempts=1)

    assert await busy.tell(action_id) == "put_off"

    row = await desk.row(action_id)
    assert (row.state, row.error_code, row.attempts) == ("pending", "store_away", 0)
    assert await teller.tell(action_id, row.retry_at) == "sent"


async def test_what_is_no_action_id_is_refused_for_good(teller: Teller) -> None:
    with pytest.raises(ApplicationError) as failure:
        await teller.tell("jane@acme.example")

    assert (failure.value.type, failure.value.non_retryable) == ("bad_action_id", True)
    assert "jane" not in str(failure.value)


async def test_nothing_personal_gets_into_the_log_whatever_happens(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    story = untouched_story(16)
    await desk.keep(story)
    smtp_sink.refuse_recipient(ANA, f"550 5.1.1 {ANA} unknown, about {PERSONAL['name']}")

    with capture_logs() as lines:
        assert await teller.tell(await desk.issue(breach_of(story)), at(16)) == "parked"
        assert await teller.tell(await desk.issue(notice("digest"))) == "put_off"
        assert (
            await teller.tell(await desk.issue(notice("overtaken", "owner:ben"), "notice_issued:2"), at(16)) == "sent"
        )

    assert [line["event"] for line in lines] == ["notice_parked", "notice_unwritable", "notice_put_off", "notice_sent"]
    for personal in (*PERSONAL.values(), *WORDS.splitlines(), ANA, BEN, "Ana Example"):
        assert personal not in str(lines)
