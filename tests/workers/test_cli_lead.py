"""`leadloop lead` against a running API; the test takes the lead's steps itself."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx2
import psycopg
import pytest

from storage.engine import create_engine
from storage.playbooks import Shelves
from storage.step_store import StepStore
from tests.eventually import eventually_sync
from tests.workers.live_api import leadloop, running_api

EMAIL = "ada@example.com"


class Office(NamedTuple):
    variables: dict[str, str]
    lead_id: str


@pytest.fixture(scope="module")
def office(cluster: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A running API with one lead, whose sender knows it by an e-mail address, and who asked for a demo in bold."""
    data = tmp_path_factory.mktemp("data")
    with cluster.database() as database_url, running_api(database_url, data) as variables:
        lead_id = _send(variables, data)
        asyncio.run(_step(database_url, lead_id))
        yield Office(variables, lead_id)


def _send(variables: dict[str, str], data: Path) -> str:
    key = (data / "admin.key").read_text().strip()
    at = (datetime.now(UTC) - timedelta(seconds=30)).isoformat()
    common = {"specversion": "1.0", "source": "/tour", "subject": EMAIL, "time": at}
    events = [
        {**common, "id": "1", "type": "lead.captured", "data": {"source": "website", "name": "Ada [bold]Lovelace[/]"}},
        {**common, "id": "2", "type": "lead.hand_raised", "data": {"kind": "demo", "words": "Show \x1b[31mme\x07"}},
    ]
    with closing(httpx2.Client(base_url=f"http://127.0.0.1:{variables['LEADLOOP_PORT']}", trust_env=False)) as client:
        answer = client.post(
            "/v1/events",
            content=json.dumps(events),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/cloudevents-batch+json"},
        )
    return str(answer.json()["events"][0]["lead_id"])


async def _step(database_url: str, lead_id: str, command_id: UUID | None = None) -> None:
    engine = create_engine(database_url)
    await StepStore(engine, Shelves(engine)).take_step(UUID(lead_id), datetime.now(UTC), command_id)
    await engine.dispose()


def _given(database_url: str) -> UUID | None:
    """The command that waits for its answer, if one does."""
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT command_id FROM commands WHERE state = 'pending'").fetchone()
    return found[0] if found else None


@pytest.mark.parametrize("by", ["id", "subject"])
def test_a_lead_is_shown_by_its_id_and_by_what_its_sender_calls_it(office: Office, by: str) -> None:
    done = leadloop(office.variables, "lead", "show", office.lead_id if by == "id" else EMAIL)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Ada [bold]Lovelace[/]\nlead {office.lead_id}\n")
    assert "has this lead and has not reached out yet." in done.stdout
    assert "● First touch by " in done.stdout
    assert "✓ Finding an owner was kept: " in done.stdout
    assert "NEXT, IF NOBODY ACTS" in done.stdout


def test_an_explanation_answers_why_who_what_and_when(office: Office) -> None:
    done = leadloop(office.variables, "lead", "explain", office.lead_id)
    assert done.returncode == 0
    headings = [line for line in done.stdout.splitlines() if line and line == line.upper() and line[0].isalpha()]
    assert headings == [
        "WHERE IT STANDS",
        "WHO HAS IT",
        "WHAT IS PROMISED",
        "WHAT HAPPENS NEXT, IF NOBODY ACTS",
        "RULES",
    ]
    assert "was next in turn." in done.stdout
    assert " counted, nothing left" in done.stdout
    assert "Kept by a real touch by anyone in sales." in done.stdout
    assert "Revision 1 of the playbook, segment “hot” (because the buyer raised a hand)." in done.stdout


def test_a_timeline_reads_as_a_story_and_steers_no_terminal(office: Office) -> None:
    done = leadloop(office.variables, "lead", "timeline", EMAIL)
    assert done.returncode == 0
    told = [line.strip() for line in done.stdout.splitlines()]
    at = next(n for n, line in enumerate(told) if "The lead came in from “website”." in line)
    assert told[at + 1] == "→ Now captured."
    assert any("The buyer asked for a demo: “Show [31mme”." in line for line in told)
    assert "\x1b" not in done.stdout
    assert any(line.startswith("→ Promised: first touch by ") for line in told)
    # what an assignment says is not said twice
    assert sum("Leadloop gave it to" in line for line in told) == 1
    assert not any("It went to" in line for line in told)


def test_a_limit_ends_the_story_and_says_so(office: Office) -> None:
    done = leadloop(office.variables, "lead", "timeline", office.lead_id, "--limit", "1")
    assert "There is more: --limit shows it." in done.stdout
    assert "Promised" not in done.stdout


@pytest.mark.parametrize(("command", "part"), [("show", "clocks"), ("explain", "promises"), ("timeline", "lines")])
def test_programs_get_json(office: Office, command: str, part: str) -> None:
    done = leadloop(office.variables, "lead", command, EMAIL, "--json")
    told = json.loads(done.stdout)
    assert told[part]
    if command != "timeline":
        assert told["lead_id"] == office.lead_id


def test_what_is_asked_of_a_lead_is_done_and_stands_in_its_story(office: Office) -> None:
    database_url = office.variables["LEADLOOP_DATABASE_URL"]
    # given by a friend of the test's, since the command waits for the answer that the test's own step gives
    with ThreadPoolExecutor(1) as friend:
        said = ("touch", EMAIL, "--channel", "call", "--connected", "--as", "ben", "--note", "wants it on Friday")
        giving = friend.submit(leadloop, office.variables, "lead", *said)
        asyncio.run(_step(database_url, office.lead_id, eventually_sync(lambda: _given(database_url), 30)))
        done = giving.result(60)

    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first == "Touch recorded: Ada [bold]Lovelace[/]."
    assert second.endswith(" Times are in UTC.")
    assert "Ben Example" in leadloop(office.variables, "lead", "timeline", EMAIL).stdout


@pytest.mark.parametrize(
    "lead", ["01990000-0000-7000-8000-00000000ffff", "nobody@example.com", "", "x" * 2_000, "a\x1bb"]
)
def test_an_unknown_lead_is_one_line_and_exit_2(office: Office, lead: str) -> None:
    done = leadloop(office.variables, "lead", "show", lead)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "nobody@example.com" not in done.stderr


@pytest.mark.parametrize("command", ["show", "explain", "timeline"])
def test_without_a_running_system_it_is_one_line_and_exit_2(command: str, tmp_path: Path) -> None:
    (tmp_path / "admin.key").write_text("leadloop_0_none")
    done = leadloop({"LEADLOOP_DATA_DIR": str(tmp_path), "LEADLOOP_PORT": "1"}, "lead", command, "L-1")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "start one with leadloop up" in done.stderr
