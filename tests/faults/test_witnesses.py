"""The audit holds a database to what senders, people of sales, Temporal and the mail server know of the run."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import psycopg
import pytest
import pytest_asyncio

from activities.letters import Letters
from leads.brief import Hearer
from leads.post import Ending, Fate
from storage.actions import ActionStore
from storage.commands import CommandStore, NewCommand
from storage.engine import create_engine
from storage.journal import Journal
from storage.playbooks import Shelves
from storage.step_store import StepStore
from tests.faults.audit import Witnesses, audit
from tests.faults.sent import Asked, Commanded, Sent
from tests.smtp_sink import Delivery
from tests.storage.new_events import new_event
from workers.furnish import furnish
from workflows.front_door import lead_workflow_id

ASKED = UUID(int=17)


@pytest_asyncio.fixture
async def lead(database_url: str) -> AsyncIterator[str]:
    """The database of one lead: somebody has it, was told so, and has accepted by a command. Its lead's id."""
    now = datetime.now(UTC) - timedelta(seconds=1)
    await furnish(database_url, now)
    engine = create_engine(database_url)
    events = [new_event("e1", at=now), new_event("e2", type="lead.assigned", data={"owner": "ana"}, at=now)]
    lead_id = (await Journal(engine).append(events, now))[0].lead_id
    assert lead_id is not None
    steps = StepStore(engine, Shelves(engine))
    taken = await steps.take_step(lead_id, now)
    await tell(ActionStore(engine, Shelves(engine)), taken.actions[0].id, now.replace(hour=12))  # no quiet hour
    asked = NewCommand(command_id=ASKED, lead_id=lead_id, name="accept", body={"command": "accept"}, actor="ana")
    await CommandStore(engine).put(asked, now)
    assert (await steps.take_step(lead_id, now, ASKED)).answer == "granted"
    yield str(lead_id)
    await engine.dispose()


async def tell(store: ActionStore, action_id: UUID, at: datetime) -> None:
    claim = await store.claim(action_id, at)
    post = await store.post(claim, at)
    assert post is not None
    fates = [Fate(parcel=parcel) for parcel in post.parcels]
    await store.settle(claim, at, Ending(state="done"), fates, last_attempt=1)


async def found(database_url: str, witnesses: Witnesses) -> list[str]:
    return (await audit(database_url, witnesses)).differences


def change(database_url: str, statement: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute(statement).rowcount == 1


def delivered(database_url: str, *, letter: str | None = None) -> list[Delivery]:
    """What a mail server has that got the notice, or another letter."""
    with psycopg.connect(database_url) as connection:
        [[action]] = connection.execute("SELECT action_id FROM actions")
    message = EmailMessage()
    hearer = Hearer(key="ana", role="owner", name="Ana", of="")
    message["Message-ID"] = Letters(None, "localhost").message_id(UUID(letter or str(action)), hearer)
    return [Delivery("leadloop@localhost", ["ana@example.com"], message)]


async def test_a_run_in_order_passes_before_all_witnesses(lead: str, database_url: str) -> None:
    sent = Sent(refused=[("crm", "e5")], unanswered=[[("crm", "e1"), ("crm", "e2")], [("crm", "e3"), ("crm", "e4")]])
    commanded = Commanded({str(ASKED): Asked(lead, "accept", {"granted"})}, seen_over={str(UUID(int=5))})
    letters = delivered(database_url) * 2  # twice by one id is once in effect
    witnesses = Witnesses(sent, commanded, {lead_workflow_id(lead)}, letters)

    assert await found(database_url, witnesses) == []


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (Sent(refused=[("crm", "e1"), ("crm", "e2")]), "refused event ('crm', 'e1') is in the journal"),
        (Sent(unanswered=[[("crm", "e1"), ("crm", "e3")]]), "only 1 of 2 are there"),
        (Sent(unanswered=[[("crm", "e1")]]), "event ('crm', 'e2') was never sent so"),
    ],
)
async def test_events_that_should_not_be_there_are_named(lead: str, database_url: str, sent: Sent, told: str) -> None:
    assert any(told in difference for difference in await found(database_url, Witnesses(sent))), lead


@pytest.mark.parametrize(
    ("answers", "seen_over", "told"),
    [
        ({"refused"}, set(), "was answered ['refused'], but is granted"),
        ({"granted", "expired"}, set(), "was answered ['expired', 'granted'], but is granted"),
        (set(), {str(ASKED)}, "was over without an answer, and granted later"),
    ],
)
async def test_answers_to_commands_that_do_not_hold_are_named(
    lead: str, database_url: str, answers: set[str], seen_over: set[str], told: str
) -> None:
    commanded = Commanded({str(ASKED): Asked(lead, "accept", answers)}, seen_over)

    [difference] = await found(database_url, Witnesses(commanded=commanded))

    assert told in difference


async def test_a_command_granted_that_is_nowhere_stored_is_named(lead: str, database_url: str) -> None:
    commanded = Commanded({str(UUID(int=5)): Asked(lead, "accept", {"granted"})})

    [difference] = await found(database_url, Witnesses(commanded=commanded))

    assert "is not there" in difference


async def test_a_granted_command_without_its_entry_and_an_entry_without_its_grant_are_named(
    lead: str, database_url: str
) -> None:
    change(database_url, "UPDATE commands SET state = 'refused'")
    assert any("stands in the journal that was never granted" in one for one in await found(database_url, Witnesses()))
    change(database_url, "UPDATE commands SET state = 'granted'")
    change(database_url, "DELETE FROM journal WHERE kind = 1")
    differences = await found(database_url, Witnesses())
    assert any("a granted command is not in the journal exactly once" in one for one in differences), lead


async def test_an_open_lead_that_no_workflow_lives_for_is_named(lead: str, database_url: str) -> None:
    assert await found(database_url, Witnesses(running=set())) == [f"a leak, without a running workflow: {lead}"]


async def test_a_notice_that_has_not_arrived_is_named(lead: str, database_url: str) -> None:
    [difference] = await found(database_url, Witnesses(letters=[]))

    assert difference.startswith(f"a notice said to be sent has not arrived: {lead}")


async def test_a_letter_that_holds_nothing_sent_is_named(lead: str, database_url: str) -> None:
    letters = delivered(database_url) + delivered(database_url, letter=str(UUID(int=3)))

    [difference] = await found(database_url, Witnesses(letters=letters))

    assert difference.startswith(f"a letter arrived that holds nothing sent: <{UUID(int=3)}"), lead


async def test_a_notice_told_twice_is_named(lead: str, database_url: str) -> None:
    change(database_url, "UPDATE actions SET payload = jsonb_set(payload, '{told}', '[\"ana\", \"ana\"]')")

    [difference] = await found(database_url, Witnesses(letters=delivered(database_url)))

    assert difference.startswith(f"a notice was told to somebody twice: {lead}")
