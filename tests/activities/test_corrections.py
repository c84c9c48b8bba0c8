"""Corrections go to those who heard what they correct, under the letter in which they heard it, and to nobody else."""

from uuid import UUID

import pytest

from leads.entries import Entry
from storage.actions import LEASE
from tests.activities.teller import Teller
from tests.builders import Story, at, captured, raised, touched
from tests.desk import PERSONAL, Desk, notice
from tests.smtp_sink import SmtpSink

ANA, MIRA = "ana@sales.example", "mira@sales.example"


@pytest.fixture
def teller(desk: Desk, smtp_sink: SmtpSink) -> Teller:
    return Teller(desk, smtp_sink)


async def breached(desk: Desk, *to: str) -> tuple[Story, UUID]:
    """Raised on Monday 9:00, first touch due 9:15, nobody moves; the alarm is not told yet."""
    story = Story()
    story.step(at(), captured(at(), **PERSONAL), raised(at()))
    story.sleep_until(at(16))
    await desk.keep(story)
    [alarm, *_] = [e for e in of(story, "breach") if e.data.to == ("owner:ana",)]  # type: ignore[attr-defined]  # by type
    action = await desk.issue(alarm)
    if to:
        await desk.set_row(action, payload=(await desk.row(action)).payload | {"to": to})
    return story, action


async def kept_after_all(desk: Desk, story: Story, *to: str) -> UUID:
    """Word of a touch in time comes at 9:20; the correction is not told yet."""
    story.step(at(20), touched(at(10), recorded_at=at(20)))
    await desk.keep(story)
    action = await desk.issue(of(story, "retraction")[-1])
    if to:
        await desk.set_row(action, payload=(await desk.row(action)).payload | {"to": to})
    return action


def of(story: Story, template: str) -> list[Entry]:
    return [e for e in story.decided("notice_issued") if e.data.template == template]  # type: ignore[attr-defined]  # by type


async def busy(desk: Desk, teller: Teller, person: str) -> None:
    """Somebody who has had three notices just now."""
    for number in range(3):
        action = await desk.issue(notice("overtaken", f"owner:{person}"), f"busy:{person}:{number}", lead=UUID(int=7))
        assert await teller.tell(action, at(16)) == "sent"


async def test_an_alarm_heard_in_a_digest_is_corrected_under_that_digest(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    await busy(desk, teller, "ana")
    other = await desk.issue(notice("overtaken"), "other", lead=UUID(int=8))
    story, alarm = await breached(desk)
    assert [await teller.tell(action, at(16)) for action in (other, alarm)] == ["put_off", "put_off"]
    assert await teller.tell(other, at(21)) == "sent"

    assert await teller.tell(await kept_after_all(desk, story), at(40)) == "sent"

    digest, correction = (delivery.message for delivery in smtp_sink.to(ANA)[3:])
    assert digest["Subject"] == "2 notices: 1 overdue, 1 to check"
    assert correction["In-Reply-To"] == digest["Message-ID"]
    assert correction["Subject"].startswith("Re: First touch overdue")


async def test_who_was_to_hear_of_an_alarm_that_proved_false_hears_neither_it_nor_its_correction(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    await busy(desk, teller, "mira")
    story, alarm = await breached(desk, "owner:ana", "owner:mira")
    assert await teller.tell(alarm, at(16)) == "put_off"
    assert (await desk.row(alarm)).payload["told"] == ["ana"]

    correction = await kept_after_all(desk, story, "owner:ana", "owner:mira")

    assert await teller.tell(correction, at(20)) == "sent"
    assert await teller.tell(alarm, at(21)) == "sent"
    assert [(await desk.row(action)).payload["told"] for action in (alarm, correction)] == [["ana"], ["ana"]]
    assert (len(smtp_sink.to(ANA)), len(smtp_sink.to(MIRA))) == (2, 3)


async def test_a_correction_of_what_nobody_has_heard_is_withdrawn_and_no_letter_goes_out(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    story, _ = await breached(desk)
    correction = await kept_after_all(desk, story)

    assert await teller.tell(correction, at(20)) == "already_done"

    assert ((await desk.row(correction)).state, smtp_sink.attempts) == ("withdrawn", 0)


async def test_an_alarm_lost_with_its_worker_counts_as_heard_and_is_not_repeated_once_it_is_false(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    story, alarm = await breached(desk)
    claim = await desk.claimed(alarm, at(16))
    assert await desk.store.post(claim, at(16)) is not None  # and then the worker dies, the letter sent or not

    correction = await kept_after_all(desk, story)

    assert await teller.tell(correction, at(20)) == "sent"
    assert await teller.tell(alarm, at(20) + LEASE) == "already_done"
    [letter] = smtp_sink.to(ANA)
    assert str(alarm) in letter.message["In-Reply-To"]
    assert (await desk.row(alarm)).payload["told"] == ["ana"]


async def test_news_of_a_queue_is_not_told_once_the_lead_has_an_owner(
    desk: Desk, smtp_sink: SmtpSink, teller: Teller
) -> None:
    await busy(desk, teller, "mira")
    await breached(desk)
    news = await desk.issue(notice("unassigned", "owner:mira", about="none"), "news")

    assert await teller.tell(news, at(16)) == "already_done"
    assert len(smtp_sink.to(MIRA)) == 3
