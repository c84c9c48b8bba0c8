import pytest
from sqlalchemy import DateTime, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.tables import metadata

COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]


def test_every_instant_knows_its_time_zone() -> None:
    instants: dict[str, DateTime] = {str(c): c.type for c in COLUMNS if isinstance(c.type, DateTime)}

    assert len(instants) > 30
    assert [name for name, instant in instants.items() if not instant.timezone] == []


def test_every_column_named_as_an_instant_is_one() -> None:
    named = [column for column in COLUMNS if column.name.endswith(("_at", "_since"))]

    assert [str(column) for column in named if not isinstance(column.type, DateTime)] == []


async def test_the_journal_can_be_partitioned_by_hash_of_the_lead(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            text("CREATE TABLE parted (LIKE journal INCLUDING ALL) PARTITION BY HASH (lead_id)")  # keys and checks too
        )
        keys = await connection.scalar(text("SELECT count(*) FROM pg_constraint WHERE conname LIKE 'parted%pkey'"))

    assert keys == 1


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT lead_id FROM mailboxes WHERE last_sequence > read_to AND ring_due_at <= now()",
            "mailboxes_ring_due_ix",
        ),
        ("SELECT lead_id FROM leads WHERE wake_at < now()", "leads_wake_ix"),
        ("SELECT lead_id FROM leads WHERE stuck_since IS NOT NULL ORDER BY lead_id", "leads_stuck_ix"),
        ("SELECT lead_id FROM leads WHERE ignored_at IS NOT NULL ORDER BY lead_id", "leads_ignored_ix"),
        ("SELECT 1 FROM leads WHERE team = 'a' ORDER BY lead_id DESC LIMIT 50", "leads_team_lead_id_ix"),
        ("SELECT 1 FROM leads WHERE owner = 'a' ORDER BY lead_id DESC LIMIT 50", "leads_owner_lead_id_ix"),
        ("SELECT 1 FROM leads WHERE source = 'a' ORDER BY lead_id DESC LIMIT 50", "leads_source_lead_id_ix"),
        ("SELECT 1 FROM leads WHERE stage = 'a' ORDER BY lead_id DESC LIMIT 50", "leads_stage_lead_id_ix"),
        ("SELECT 1 FROM leads WHERE email_normalised = 'a@example.com'", "leads_email_normalised_ix"),
        (
            "SELECT lead_id FROM leads WHERE team = 'a' AND stage = 'b' ORDER BY lead_id DESC LIMIT 50",
            "leads_team_stage_ix",
        ),
        (
            "SELECT lead_id FROM leads WHERE owner = 'a' AND stage = 'b' ORDER BY lead_id DESC LIMIT 50",
            "leads_owner_stage_ix",
        ),
        (
            "SELECT lead_id FROM leads WHERE source = 'a' AND stage = 'b' ORDER BY lead_id DESC LIMIT 50",
            "leads_source_stage_ix",
        ),
        (
            "SELECT lead_id FROM leads WHERE stage = 'a' AND ignored_at IS NOT NULL ORDER BY lead_id DESC LIMIT 50",
            "leads_ignored_stage_ix",
        ),
        (
            "SELECT lead_id FROM leads WHERE team = 'a' AND untouched ORDER BY lead_id DESC LIMIT 50",
            "leads_team_untouched_ix",
        ),
        (
            "SELECT lead_id FROM leads WHERE owner = 'a' AND untouched ORDER BY lead_id DESC LIMIT 50",
            "leads_owner_untouched_ix",
        ),
        (
            "SELECT DISTINCT lead_id FROM clocks WHERE ended_at IS NULL AND due_at <= now() ORDER BY lead_id DESC",
            "clocks_running_ix",
        ),
        (
            "SELECT DISTINCT lead_id FROM clocks WHERE outcome = 'waived' ORDER BY lead_id DESC LIMIT 50",
            "clocks_missed_ix",
        ),
        (
            "SELECT DISTINCT lead_id FROM clocks WHERE clock = 'reply' AND outcome = 'met' ORDER BY lead_id DESC",
            "clocks_clock_lead_id_ix",
        ),
        ("SELECT 1 FROM clocks WHERE clock = 'feedback' AND owner = 'a' AND started_at > now()", "clocks_asked_ix"),
        ("SELECT 1 FROM hand_offs WHERE owner = 'a' ORDER BY opened_at LIMIT 50", "hand_offs_owner_opened_at_ix"),
        ("SELECT 1 FROM hand_offs WHERE opened_at >= now()", "hand_offs_opened_at_ix"),
        (
            "SELECT 1 FROM actions WHERE lead_id = gen_random_uuid() AND state IN ('pending', 'claimed')",
            "actions_undone_ix",
        ),
        ("SELECT lead_id FROM actions WHERE state = 'parked' ORDER BY lead_id", "actions_parked_ix"),
        (
            "SELECT 1 FROM actions WHERE state IN ('pending', 'claimed') AND coalesce(retry_at, issued_at) <= now()",
            "actions_hour_ix",
        ),
    ],
)
async def test_what_a_sweep_or_a_list_asks_has_its_index(engine: AsyncEngine, query: str, index: str) -> None:
    async with engine.begin() as connection:
        # an empty table tempts the planner to read it whole
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        await connection.execute(text("SET LOCAL enable_sort = off"))
        plan = "\n".join((await connection.execute(text(f"EXPLAIN {query}"))).scalars())

    assert index in plan
