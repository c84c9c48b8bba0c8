"""Mail on a real SMTP connection: what arrives, and that no server can make anyone wait or raise."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from activities.channels import TOLD, Delivery, Outcome
from activities.integrations.smtp import MailServer, Security, SenderError, SmtpChannel, domain_of
from leads.brief import Hearer
from tests.activities.letter_samples import ANA, CORRECTED, KEPT, MIRA, PROOF, letter
from tests.desk import LEAD
from tests.smtp_sink import SmtpSink

SENDER = "leadloop@sales.example"


def channel(sink: SmtpSink, **changes: object) -> SmtpChannel:
    server = MailServer(host=sink.host, port=sink.port, sender=SENDER, security=Security.NONE)
    return SmtpChannel(replace(server, **changes))  # type: ignore[arg-type]  # fields by name


async def test_a_letter_arrives_as_text_and_html_in_its_thread(smtp_sink: SmtpSink) -> None:
    sent = letter("retraction", promise=KEPT, corrected=(CORRECTED,), proof=PROOF)

    assert await channel(smtp_sink).deliver([sent]) == [TOLD]

    [delivery] = smtp_sink.to("ana@sales.example")
    message = delivery.message
    assert delivery.sender == SENDER
    assert (message["From"], message["To"]) == (f"Leadloop <{SENDER}>", "Ana Example <ana@sales.example>")
    assert message["Subject"] == sent.subject
    assert message["Message-ID"] == sent.message_id
    assert message["In-Reply-To"] == sent.answers
    assert message["References"].split() == [f"<{LEAD}.thread@leadloop.example>", sent.answers]
    assert message["Date"].datetime == sent.sent_at
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "Leadloop notices <notices.leadloop.example>"
    assert message["X-Leadloop-Lead"] == str(LEAD)
    assert delivery.text.replace("\r\n", "\n") == sent.text
    html = message.get_body(("html",))
    assert html is not None
    assert "was wrong" in html.get_content()


async def test_names_of_all_scripts_arrive(smtp_sink: SmtpSink) -> None:
    hearer = replace(ANA, name="Zoë Müller 東京")

    await channel(smtp_sink).deliver([letter(hearer=hearer)])

    [delivery] = smtp_sink.deliveries
    assert delivery.message["To"].addresses[0].display_name == "Zoë Müller 東京"
    assert "Hello Zoë Müller 東京," in delivery.text


async def test_one_connection_carries_all_letters_of_a_notice(smtp_sink: SmtpSink) -> None:
    assert await channel(smtp_sink).deliver([letter(), letter(hearer=MIRA)]) == [TOLD, TOLD]

    assert [delivery.recipients for delivery in smtp_sink.deliveries] == [["ana@sales.example"], ["mira@sales.example"]]


@pytest.mark.parametrize(
    "address", ["", "ana", "ana@x.example, ben@x.example", "ana@x.example\r\nDATA", "zoë@x.example"]
)
async def test_a_bad_address_is_refused_alone(smtp_sink: SmtpSink, address: str) -> None:
    bad = Hearer(key="bad", role="owner", name="Bad", of="", email=address)

    answers = await channel(smtp_sink).deliver([letter(hearer=bad), letter(hearer=MIRA)])

    assert answers == [Delivery(Outcome.REFUSED, "bad_address"), TOLD]


async def test_a_server_that_hangs_is_left_after_the_time_out(smtp_sink: SmtpSink) -> None:
    smtp_sink.hang()
    begun = time.monotonic()

    answers = await channel(smtp_sink, total_seconds=0.5).deliver([letter(), letter(hearer=MIRA)])

    assert answers == [Delivery(Outcome.LATER, "mail_timeout")] * 2
    assert time.monotonic() - begun < 3


@contextmanager
def silent_port() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def test_a_server_that_never_greets_is_left_after_the_time_out(smtp_sink: SmtpSink) -> None:
    with silent_port() as port:
        answers = await channel(smtp_sink, port=port, connect_seconds=0.3).deliver([letter()])

    assert answers == [Delivery(Outcome.LATER, "mail_timeout")]


async def test_a_server_that_is_down_is_tried_later(smtp_sink: SmtpSink) -> None:
    with silent_port() as port:
        pass  # closed again: nobody listens there now

    assert await channel(smtp_sink, port=port).deliver([letter()]) == [Delivery(Outcome.LATER, "mail_unreachable")]


@pytest.mark.parametrize("answer", ["451 4.3.0 try again later", "550 5.7.1 ana@sales.example may not send here"])
async def test_a_server_that_takes_no_mail_from_us_is_tried_later(smtp_sink: SmtpSink, answer: str) -> None:
    """Refusing the sender is a matter of settings, for every notice alike; someone will put it right."""
    smtp_sink.refuse(answer)

    assert await channel(smtp_sink).deliver([letter()]) == [Delivery(Outcome.LATER, "mail_sender_refused")]


@pytest.mark.parametrize(
    ("answer", "delivery"),
    [
        ("450 4.2.1 greylisted", Delivery(Outcome.LATER, "address_refused")),
        ("550 5.1.1 no such user", Delivery(Outcome.REFUSED, "address_refused")),
    ],
)
async def test_an_address_the_server_refuses_concerns_that_letter_only(
    smtp_sink: SmtpSink, answer: str, delivery: Delivery
) -> None:
    smtp_sink.refuse_recipient("ana@sales.example", answer)

    assert await channel(smtp_sink).deliver([letter(), letter(hearer=MIRA)]) == [delivery, TOLD]


async def test_there_is_no_falling_back_to_plain_text(smtp_sink: SmtpSink) -> None:
    starttls = channel(smtp_sink, security=Security.STARTTLS)
    tls = channel(smtp_sink, security=Security.TLS, connect_seconds=2)

    assert await starttls.deliver([letter()]) == [Delivery(Outcome.LATER, "mail_tls_missing")]
    [failed] = await tls.deliver([letter()])
    assert (failed.outcome, smtp_sink.deliveries) == (Outcome.LATER, [])


async def test_a_server_that_takes_no_login_is_tried_later(smtp_sink: SmtpSink) -> None:
    with_login = channel(smtp_sink, username="ana", password="swordfish")

    assert await with_login.deliver([letter()]) == [Delivery(Outcome.LATER, "mail_login_refused")]


def test_the_port_says_how_tls_begins() -> None:
    assert Security.of(465, starttls=True) is Security.TLS
    assert Security.of(587, starttls=True) is Security.STARTTLS
    assert Security.of(25, starttls=False) is Security.NONE


@pytest.mark.parametrize(
    ("sender", "domain"),
    [("leadloop@sales.example", "sales.example"), ("leadloop@localhost", "localhost"), ("x@[::1]", "leadloop")],
)
def test_message_ids_end_in_the_sender_s_domain(sender: str, domain: str) -> None:
    assert domain_of(sender) == domain


def test_a_sender_that_is_no_plain_address_is_refused_at_once() -> None:
    with pytest.raises(SenderError):
        MailServer(host="h", port=25, sender="Leadloop <leadloop@sales.example>")


def test_a_mail_server_shows_its_password_to_nobody() -> None:
    assert "swordfish" not in repr(MailServer(host="h", port=25, sender=SENDER, password="swordfish"))


@pytest.mark.parametrize("silence", ["lose_answers", "hang_over_data"])
async def test_a_letter_that_a_server_took_without_a_word_is_in_doubt(smtp_sink: SmtpSink, silence: str) -> None:
    getattr(smtp_sink, silence)()

    first, second = await channel(smtp_sink, total_seconds=0.5).deliver([letter(), letter(hearer=MIRA)])

    assert (first.outcome, first.in_doubt, second.in_doubt) == (Outcome.LATER, True, False)
    assert len(smtp_sink.deliveries) == 1


@pytest.mark.parametrize("refusal", ["go_away", "refuse", "hang"])
async def test_a_letter_that_no_server_has_got_is_in_no_doubt(smtp_sink: SmtpSink, refusal: str) -> None:
    getattr(smtp_sink, refusal)()

    [delivery] = await channel(smtp_sink, total_seconds=0.5).deliver([letter()])

    assert (delivery.outcome, delivery.in_doubt) == (Outcome.LATER, False)
