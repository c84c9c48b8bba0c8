"""A mail server on loopback that keeps what it gets, and can be told to hang, to refuse or to be away."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Delivery:
    """One accepted mail: the envelope's addresses and the parsed message."""

    sender: str
    recipients: list[str]
    message: EmailMessage

    @property
    def text(self) -> str:
        """The plain-text body."""
        body = self.message.get_body(preferencelist=("plain",))
        return body.get_content() if body else ""


class SmtpSink:
    """Collects deliveries; `accept()` and its opposites say how it treats mail from now on."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.attempts = 0
        self._refusal: str | None = None
        self._hanging = False
        self._hanging_over_data = False
        self._losing_answers = False
        self._refused_recipients: dict[str, str] = {}
        self._listen: Callable[..., None] = lambda **_: None
        self.host = "127.0.0.1"
        self.port = 0

    def accept(self) -> None:
        """Take mail again; senders left hanging are let go on."""
        self._refusal, self._hanging, self._hanging_over_data, self._losing_answers = None, False, False, False
        self._listen(on=True)

    def go_away(self) -> None:
        """Refuse connections."""
        self._listen(on=False)

    def hang_over_data(self) -> None:
        """Take the mail and say nothing: whether it has come through its sender cannot know."""
        self._hanging_over_data = True

    def lose_answers(self) -> None:
        """Take the mail and hang up instead of saying so."""
        self._losing_answers = True

    def hang(self) -> None:
        """Say nothing after MAIL FROM until told otherwise."""
        self._hanging = True

    def refuse(self, answer: str = "451 4.3.0 try again later") -> None:
        """Answer MAIL FROM with this line; a 5xx code refuses for good."""
        self._refusal = answer

    def refuse_recipient(self, address: str, answer: str) -> None:
        """Answer RCPT TO for this one address with this line."""
        self._refused_recipients[address] = answer

    def accept_recipients(self) -> None:
        """Take mail for every address again."""
        self._refused_recipients.clear()

    def to(self, address: str) -> list[Delivery]:
        """The deliveries one address got, in order."""
        return [delivery for delivery in self.deliveries if address in delivery.recipients]

    async def handle_MAIL(  # noqa: N802  aiosmtpd's hook name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        self.attempts += 1
        while self._hanging:  # noqa: ASYNC110  told from the test's thread, which an event can't cross
            await asyncio.sleep(0.02)
        if self._refusal:
            return self._refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  as above
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        if address in self._refused_recipients:
            return self._refused_recipients[address]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  as above
        del session
        content: Any = envelope.content
        message: Any = message_from_bytes(content, policy=policy.default)
        self.deliveries.append(Delivery(envelope.mail_from or "", list(envelope.rcpt_tos), message))
        while self._hanging_over_data:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.02)
        if self._losing_answers and server.transport is not None:
            server.transport.close()
        return "250 OK"


class _SinkController(Controller):
    """On a port the system chose, which the base class would not learn of before it looks whether it answers."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd carries no annotations

    def listen(self, *, on: bool) -> None:
        """Serve connections on the port, or none."""
        asyncio.run_coroutine_threadsafe(self._listen(on=on), self.loop).result(10)

    async def _listen(self, *, on: bool) -> None:
        server: Any = self.server
        if on and not server.is_serving():
            self.server = await self.loop.create_server(self._factory_invoker, self.hostname, self.port)
        elif not on:
            server.close()


@contextmanager
def running_smtp_sink() -> Iterator[SmtpSink]:
    """Serve on a free loopback port from a thread of its own."""
    others = logging.getLogger("mail")  # the server's own log quotes what it hears; it is not our log
    others.propagate = False
    others.addHandler(logging.NullHandler())
    sink = SmtpSink()
    controller = _SinkController(sink, hostname=sink.host, port=0, server_hostname="localhost")
    controller.start()
    try:
        sink.port, sink._listen = controller.port, controller.listen
        yield sink
    finally:
        sink.accept()
        controller.stop()
