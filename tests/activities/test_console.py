"""The log says which notice went where, and nothing that is personal."""

from dataclasses import replace

from structlog.testing import capture_logs

from activities.channels import TOLD
from activities.integrations.console import ConsoleChannel
from tests.activities.letter_samples import ACTION, ANA, CHANNEL, letter
from tests.desk import LEAD, PERSONAL, WORDS


async def test_a_notice_is_one_line_of_ids_codes_and_a_link() -> None:
    with capture_logs() as lines:
        assert await ConsoleChannel().deliver([letter(hearer=CHANNEL)]) == [TOLD]

    [said] = lines
    assert said == {
        "event": "notice",
        "log_level": "warning",
        "template": "warning",
        "hearer": "channel:sales",
        "clock": "first_touch",
        "due_at": "2026-06-01T12:07:00+00:00",
        "lead_id": str(LEAD),
        "notices": 1,
        "letter_id": str(ACTION),
        "url": f"https://leads.example/leads/{LEAD}",
    }
    for personal in (*PERSONAL.values(), *WORDS.splitlines()):
        assert personal not in str(said)


async def test_an_id_that_is_an_address_stays_out_of_the_log() -> None:
    with capture_logs() as lines:
        await ConsoleChannel().deliver([letter(hearer=replace(ANA, key="ana@example.com")), letter(hearer=ANA)])
    assert [line["hearer"] for line in lines] == ["withheld", "ana"]
