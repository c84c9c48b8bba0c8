"""The notice's activity on real parts, run by hand."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from temporalio.testing import ActivityEnvironment

from activities.integrations.console import ConsoleChannel
from activities.integrations.smtp import MailServer, Security, SmtpChannel
from activities.letters import Letters
from activities.notify import Notify, NotifyRequest
from tests.desk import NOON, Desk
from tests.smtp_sink import SmtpSink


class Teller:
    """The activity on real parts, run by hand at any instant."""

    def __init__(self, desk: Desk, sink: SmtpSink, **changes: Any) -> None:
        server = MailServer(
            host=sink.host, port=sink.port, sender="leadloop@sales.example", security=Security.NONE, total_seconds=1
        )
        parts: dict[str, Any] = {"mail": SmtpChannel(server), "console": ConsoleChannel()} | changes
        letters = Letters("https://leads.example", "leadloop.example")
        self._notify = Notify(parts.pop("store", desk.store), letters, **parts)

    async def tell(self, action_id: UUID | str, now: datetime = NOON) -> str:
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, started_time=now)
        answer: str = await environment.run(self._notify.notify, NotifyRequest(str(action_id)))
        return answer
