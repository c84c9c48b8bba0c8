"""The notice's activity with its real parts: the action store, the templates, the mail server and the log."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels import Channel
from activities.integrations.console import ConsoleChannel
from activities.integrations.smtp import MailServer, Security, SmtpChannel, domain_of
from activities.letters import Letters
from activities.notify import Notify
from storage.actions import ActionStore
from storage.playbooks import Shelves
from workers.settings import Settings


def notify_activity(settings: Settings, engine: AsyncEngine, shelves: Shelves) -> Notify:
    """Without a mail server every notice goes to the log."""
    console = ConsoleChannel()
    return Notify(
        ActionStore(engine, shelves),
        letters_of(settings),
        mail=_mail(settings) or console,
        console=console,
        most_attempts=settings.notice_attempts,
        first_pause=timedelta(seconds=settings.notice_pause_seconds),
        longest_pause=timedelta(seconds=settings.notice_longest_pause_seconds),
    )


def letters_of(settings: Settings) -> Letters:
    return Letters(settings.console_url, domain_of(settings.smtp_from))


def channel_of(settings: Settings) -> Channel:
    """The mail server, or the log where there is none."""
    return _mail(settings) or ConsoleChannel()


def _mail(settings: Settings) -> Channel | None:
    if settings.smtp_host is None:
        return None
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        security=Security.of(settings.smtp_port, starttls=settings.smtp_starttls),
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        connect_seconds=min(10.0, settings.smtp_timeout_seconds),
        total_seconds=settings.smtp_timeout_seconds,
    )
    return SmtpChannel(server)
