"""The settings reach the mail: server, sender, links; and without a server the log stands in."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from temporalio.testing import ActivityEnvironment

from activities.notify import NotifyRequest
from storage.playbooks import Shelves
from tests.desk import NOON, Desk, notice
from tests.smtp_sink import SmtpSink
from workers.notices import notify_activity
from workers.settings import Settings, SettingsError, load_settings


async def told(desk: Desk, settings: Settings) -> str:
    notify = notify_activity(settings, desk.engine, Shelves(desk.engine))
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, started_time=NOON)
    action_id = await desk.issue(notice("overtaken"))
    answer: str = await environment.run(notify.notify, NotifyRequest(str(action_id)))
    return answer


async def test_settings_lead_to_a_mail_with_links_to_this_installation(desk: Desk, smtp_sink: SmtpSink) -> None:
    settings = Settings(
        smtp_host=smtp_sink.host, smtp_port=smtp_sink.port, smtp_starttls=False, smtp_from="noreply@sales.example",
        console_url="https://leads.sales.example/",
    )  # fmt: skip

    assert await told(desk, settings) == "sent"

    [delivery] = smtp_sink.deliveries
    assert delivery.sender == "noreply@sales.example"
    assert delivery.message["Message-ID"].endswith("@sales.example>")
    assert "https://leads.sales.example/leads/" in delivery.text


async def test_without_a_mail_server_the_log_stands_in(desk: Desk) -> None:
    with capture_logs() as lines:
        assert await told(desk, Settings(smtp_host=None)) == "sent"

    assert [line["hearer"] for line in lines if line["event"] == "notice"] == ["ana"]


def test_a_sender_that_is_no_plain_address_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="SMTP_FROM: must be one address"):
        load_settings(smtp_from="Leadloop <leadloop@sales.example>")
