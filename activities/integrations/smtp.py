"""Notices by e-mail: one connection per notice, bounded in time, every failure a code."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from enum import StrEnum
from typing import Any

import aiosmtplib

from activities.channels import TOLD, Channel, Delivery, Outcome
from activities.letters import Letter
from activities.wording import clean_line, is_address

CONNECT_SECONDS = 10.0
TOTAL_SECONDS = 30.0
"""For all letters of one notice; what is left goes with the next try."""
_GOODBYE_SECONDS = 2.0
_TLS_PORT = 465
_PERMANENT = 500

_ONE_LINE_SUBJECTS = SMTP_POLICY.clone(max_line_length=100)
"""A subject of ours has at most 78 characters; folded at 78 its first line would be empty."""


class Security(StrEnum):
    """How the connection is protected. There is no falling back to plain text."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"

    @classmethod
    def of(cls, port: int, *, starttls: bool) -> "Security":
        """Port 465 speaks TLS from the first byte; elsewhere STARTTLS, unless it is switched off."""
        if port == _TLS_PORT:
            return cls.TLS
        return cls.STARTTLS if starttls else cls.NONE


class SenderError(ValueError):
    """The address notices come from cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in, and by whom."""

    host: str
    port: int
    sender: str
    """One address, for the envelope and the From line."""
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    connect_seconds: float = CONNECT_SECONDS
    total_seconds: float = TOTAL_SECONDS

    def __post_init__(self) -> None:
        if not is_address(self.sender):
            raise SenderError("the sender of notices must be one plain address, such as leadloop@example.com")


def domain_of(sender: str) -> str:
    """The right side of an address, for message ids; `leadloop` where it has none."""
    domain = sender.rpartition("@")[2]
    return domain if domain.isascii() and domain.replace("-", "").replace(".", "").isalnum() else "leadloop"


class SmtpChannel(Channel):
    """Hands letters to a mail server."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def deliver(self, letters: Sequence[Letter]) -> list[Delivery]:
        """Send each letter to its one address; a server that fails or hangs leaves the rest for later."""
        done: list[Delivery] = []
        client = self._client()
        failed = Delivery(Outcome.LATER, "mail_failed")
        try:
            async with asyncio.timeout(self._server.total_seconds):
                await client.connect()
                for letter in letters:
                    done.append(await self._send(client, letter))  # noqa: PERF401  what is done must survive an error
                # all letters are with the server: how it says goodbye is of no account
                with suppress(aiosmtplib.SMTPException, OSError):
                    await client.quit(timeout=_GOODBYE_SECONDS)
        except Exception as error:  # noqa: BLE001  the library and the network raise all sorts; none may be lost
            failed = Delivery(Outcome.LATER, code_of_mail(error))
        finally:
            client.close()
        rest = [failed] * (len(letters) - len(done))
        if rest and client.waits_for_answer:
            rest[0] = replace(failed, in_doubt=True)
        return done + rest

    def _client(self) -> "_Client":
        server = self._server
        return _Client(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            timeout=min(server.connect_seconds, server.total_seconds),
            local_hostname=domain_of(server.sender),
        )

    async def _send(self, client: "_Client", letter: Letter) -> Delivery:
        """One letter. What the server refuses for this address is this letter's alone; other errors are raised."""
        if letter.email is None or not letter.email.isascii() or not is_address(letter.email):
            return Delivery(Outcome.REFUSED, "bad_address")
        try:
            message = compose(letter, self._server.sender)
            await client.sendmail(self._server.sender, [letter.email], message.as_bytes())
        except aiosmtplib.SMTPRecipientsRefused as refused:
            is_permanent = any(answer.code >= _PERMANENT for answer in refused.recipients)
            return _refusal("address_refused", is_permanent=is_permanent)
        except aiosmtplib.SMTPDataError as refused:
            return _refusal("mail_refused", is_permanent=refused.code >= _PERMANENT)
        except ValueError:
            return Delivery(Outcome.REFUSED, "bad_address")
        return TOLD


class _Client(aiosmtplib.SMTP):
    """Knows whether a letter is on its way whose answer has not come."""

    waits_for_answer = False

    async def data(self, message: str | bytes, /, **options: Any) -> aiosmtplib.SMTPResponse:
        self.waits_for_answer = True
        try:
            answer = await super().data(message, **options)
        except aiosmtplib.SMTPDataError:
            self.waits_for_answer = False
            raise
        self.waits_for_answer = False
        return answer


def _refusal(code: str, *, is_permanent: bool) -> Delivery:
    return Delivery(Outcome.REFUSED if is_permanent else Outcome.LATER, code)


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The letter as a mail: text and HTML, threaded, marked as written by a machine. Headers hold no control signs."""
    message = EmailMessage(policy=_ONE_LINE_SUBJECTS)
    message["From"] = Address("Leadloop", addr_spec=sender)
    message["To"] = Address(_as_typed(letter.name), addr_spec=letter.email or "")
    message["Subject"] = _as_typed(letter.subject)
    message["Date"] = letter.sent_at
    message["Message-ID"] = letter.message_id
    if letter.answers and letter.thread:
        message["In-Reply-To"] = letter.answers
        message["References"] = " ".join(dict.fromkeys((letter.thread, letter.answers)))
    message["List-Id"] = f"Leadloop notices <notices.{letter.message_id.rpartition('@')[2]}"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.lead_id:
        message["X-Leadloop-Lead"] = str(letter.lead_id)
    message["X-Leadloop-Notice"] = letter.template
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return message


def _as_typed(text: str) -> str:
    """A line for a header, in which no encoded word (RFC 2047) begins.

    The library decodes one that it is given, and writes line breaks that it holds into the head as they are.
    """
    return clean_line(text).replace("=?", "= ?")


_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (aiosmtplib.SMTPAuthenticationError, "mail_login_refused"),
    (aiosmtplib.SMTPSenderRefused, "mail_sender_refused"),
    (aiosmtplib.SMTPConnectTimeoutError, "mail_timeout"),
    (TimeoutError, "mail_timeout"),
    (ssl.SSLError, "mail_tls_failed"),
    (aiosmtplib.SMTPServerDisconnected, "mail_disconnected"),
    (aiosmtplib.SMTPResponseException, "mail_server_refused"),
    (aiosmtplib.SMTPConnectError, "mail_unreachable"),
    (OSError, "mail_unreachable"),
)


def code_of_mail(error: BaseException) -> str:
    """A code for why the mail server could not be used; its answer is left out, it may quote an address."""
    if isinstance(error, aiosmtplib.SMTPException):
        # the library has no class of its own for what a server does not offer
        if "STARTTLS extension" in str(error):
            return "mail_tls_missing"
        if "AUTH extension" in str(error):
            return "mail_login_refused"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "mail_failed")
