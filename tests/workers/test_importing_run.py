"""An import on a real database: what goes in, what is rejected and why, and running it again."""

import asyncio
import json
import os
import stat
import subprocess
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from storage.engine import DatabaseAwayError, Patience
from storage.migrate import upgrade
from storage.tables import journal, leads, mailboxes
from tests.workers.importing import CAPTURED, Folder, mapping, rejected, row
from tests.workers.live_api import leadloop
from workers.furnish import furnish
from workers.importing.rejects import RejectsError
from workers.importing.rows import MAX_FIELD


@pytest_asyncio.fixture
async def folder(database_url: str, tmp_path: Path) -> AsyncIterator[Folder]:
    await furnish(database_url, datetime.now(UTC))
    made = Folder(tmp_path, database_url)
    yield made
    await made.engine.dispose()


async def test_every_event_of_every_row_goes_in_once(folder: Folder) -> None:
    file = folder.write(row(number) for number in range(20))

    first, _ = await folder.bring_in(file)
    second, _ = await folder.bring_in(file)

    # every fourth of 20 is won: 20 + 20 + 5
    assert dict(first.accepted) == {"lead.captured": 20, "lead.qualified": 20, "lead.won": 5}
    assert (first.rows, first.duplicates, first.rejected_rows) == (20, 0, 0)
    assert (first.folded.leads, dict(first.folded.stages)) == (20, {"qualified": 15, "won": 5})
    assert (dict(second.accepted), second.duplicates, second.folded.leads) == ({}, 45, 0)
    assert len(await folder.rows(journal, journal.c.book == "mail")) == 45


async def test_columns_of_a_joined_file_make_events_too(folder: Folder) -> None:
    deals = folder.write([{"lead": "L1", "day": "2025-05-01"}, {"lead": "L9", "day": "2025-05-01"}], "deals.csv")
    won = {"type": "lead.won", "when": {"column": "deals.day"}, "time": {"column": "deals.day"}}
    map_ = mapping(CAPTURED, won, joins={"deals": {"key": "lead", "column": "id"}})

    tally, _ = await folder.bring_in(folder.write(row(number, won="") for number in range(3)), map_, deals=deals)

    assert dict(tally.accepted) == {"lead.captured": 3, "lead.won": 1}


async def test_a_rejected_row_is_kept_as_it_was_with_its_line_and_reason_and_the_rest_goes_in(folder: Folder) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    file = folder.write(
        [
            row(1),
            row(2, id=""),
            row(3, at="soon"),
            row(5, at=tomorrow),
            row(6, email="a\0b"),
            row(7, email="x" * (MAX_FIELD + 1)),
            row(9, email="x" * 400),
        ]
    )
    with file.open("ab") as raw:
        raw.write(
            b'L10,paid,\xff\xfe,2024-01-01,\nL11,paid\nL13,paid,"Zo\xc3\xab"@example.com,2024-01-01,\nL14,a,b,c,d,e\n'
        )

    tally, rejects = await folder.bring_in(file)

    found = rejected(rejects)
    assert (tally.rows, tally.rejected_rows, len(found)) == (11, 10, 10)
    assert [line for line, *_ in found] == ["3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
    for (_, reason, *_cells), expected in zip(
        found,
        [
            "the subject is empty", "fits none of the time formats", "/time: ", "/data: a string holds NUL",
            "not CSV: field larger", "/data/email: ", "/data: a string holds", "2 fields where the header has 5",
            "not CSV: ", "6 fields",
        ],
        strict=True,
    ):  # fmt: skip
        assert expected in reason
    assert found[0][2:] == list(row(2, id="").values())
    assert found[6][4] == "\udcff\udcfe"
    assert found[7][2:] == ["L11", "paid"]
    assert found[8][2:] == ['L13,paid,"Zoë"@example.com,2024-01-01,']
    assert found[9][2:] == ["L14", "a", "b", "c", "d", "e"]
    assert stat.S_IMODE(rejects.path.stat().st_mode) == 0o600
    assert dict(tally.accepted) == {"lead.captured": 1, "lead.qualified": 1}


async def test_a_row_that_repeats_another_is_a_duplicate_and_one_that_contradicts_it_is_rejected(
    folder: Folder,
) -> None:
    tally, rejects = await folder.bring_in(folder.write([row(1), row(2), row(1), row(2, origin="other"), row(3)]))

    assert (tally.duplicates, tally.rejected_rows, tally.folded.leads) == (2, 1, 3)
    [[line, reason, *cells]] = rejected(rejects)
    assert (line, reason, cells) == (
        "5", "an earlier row has the same ids with other content", list(row(2, origin="other").values())
    )  # fmt: skip


async def test_what_contradicts_an_earlier_import_is_rejected_row_by_row(folder: Folder) -> None:
    await folder.bring_in(folder.write([row(1), row(2)]))

    tally, rejects = await folder.bring_in(folder.write([row(1), row(2, origin="other"), row(3)]))

    assert [reason for _, reason, *_ in rejected(rejects)] == ["came in before with other content: give it a new id"]
    assert (tally.duplicates, sum(tally.accepted.values())) == (2, 2)


async def test_a_clean_import_leaves_no_rejects_file_not_even_an_older_one(folder: Folder) -> None:
    _, rejects = await folder.bring_in(folder.write([row(1, id="")]))
    assert rejects.path.is_file()
    _, rejects = await folder.bring_in(folder.write([row(1)]))
    assert not rejects.path.exists()


async def test_an_import_killed_in_the_middle_is_finished_by_running_it_again(folder: Folder) -> None:
    file = folder.write(row(number) for number in range(1500))
    arguments = ["import", str(file), "--mapping", str(folder.mapping_file()), "--backfill"]
    await asyncio.to_thread(killed_once_rows_are_in, folder, arguments)
    before = len(await folder.rows(leads))
    assert 0 < before < 1500

    tally, _ = await folder.bring_in(file)

    assert tally.rejected_rows == 0
    assert len(await folder.rows(leads)) == 1500
    # every fourth of 1,500 is won
    assert len(await folder.rows(leads, leads.c.stage == "won")) == 375
    assert len(await folder.rows(leads, leads.c.stage == "qualified")) == 1125
    assert await folder.rows(mailboxes, mailboxes.c.read_to < mailboxes.c.last_sequence) == []


def killed_once_rows_are_in(folder: Folder, arguments: list[str]) -> None:
    environment = os.environ | {"LEADLOOP_DATABASE_URL": folder.database_url}
    process = subprocess.Popen([sys.executable, "-m", "workers.cli", *arguments], env=environment)  # noqa: S603  ours
    deadline = time.monotonic() + 60
    with psycopg.connect(folder.database_url, autocommit=True) as connection:
        while time.monotonic() < deadline and process.poll() is None:
            found = connection.execute("SELECT count(*) FROM leads").fetchone()
            if found and found[0] >= 500:
                break
    process.kill()
    process.wait()


async def test_what_was_stored_but_not_folded_is_folded_by_the_next_run(folder: Folder) -> None:
    file = folder.write(row(number) for number in range(8))
    await folder.bring_in(file)
    async with folder.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE mailboxes SET read_to = 0, ring_due_at = now() + interval '1 hour'")
        for table in ("lead_states", "clocks", "timeline"):
            await connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608  the table's name is ours
        await connection.exec_driver_sql("DELETE FROM journal WHERE book = 'own'")

    tally, _ = await folder.bring_in(file)

    assert (tally.duplicates, tally.folded.leads) == (18, 8)
    assert dict(tally.folded.stages) == {"qualified": 6, "won": 2}


async def test_a_live_import_leaves_the_folding_to_the_leads_own_lives_and_rings_them(folder: Folder) -> None:
    before = datetime.now(UTC)
    tally, _ = await folder.bring_in(folder.write([row(1), row(2)]), backfill=False)

    boxes = await folder.rows(mailboxes)
    assert [(box.last_sequence, box.read_to) for box in boxes] == [(2, 0), (2, 0)]
    assert all(before <= box.ring_due_at <= datetime.now(UTC) for box in boxes)
    assert tally.folded.leads == 0


async def test_memory_does_not_grow_with_the_file(folder: Folder) -> None:
    peaks = []
    for count in (1000, 3000):
        file = folder.write((row(number, id=f"{count}-{number}") for number in range(count)), f"{count}.csv")
        tracemalloc.start()
        await folder.bring_in(file, mapping(CAPTURED), backfill=False)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # a batch has 500 rows, whatever the file has
    assert peaks[1] < 1.3 * peaks[0]


async def test_the_command_answers_programs_in_json(folder: Folder) -> None:
    file = folder.write([row(4), row(5, id="")])
    environment = {"LEADLOOP_DATABASE_URL": folder.database_url}
    command = ("import", str(file), "--mapping", str(folder.mapping_file()), "--backfill")

    told = json.loads(leadloop(environment, *command, "--json").stdout)
    shown = leadloop(environment, *command).stdout

    assert told.pop("seconds") >= 0
    assert told == {
        "rows": 2,
        "accepted": {"lead.captured": 1, "lead.qualified": 1, "lead.won": 1},
        "duplicates": 0,
        "rejected_rows": 1,
        "rejects_file": str(folder.path / "leads.rejected.csv"),
        "leads_folded": 1,
        "stages": {"won": 1},
        "stuck": 0,
    }
    assert "in already" in shown


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.csv", "gone.csv cannot be read: No such file"),
        ("pipe.csv", "pipe.csv is no file on disk"),
        ("/dev/zero", "/dev/zero is no file on disk"),
        ("/dev/null", "/dev/null is no file on disk"),
        (".", "is no file on disk"),
    ],
)
async def test_what_cannot_be_read_as_a_file_is_one_line_and_exit_2(folder: Folder, name: str, said: str) -> None:
    os.mkfifo(folder.path / "pipe.csv")  # nobody writes to it: whoever waits for a line waits for ever
    sound, joined = folder.write([row(1)]), {"deals": {"key": "id", "column": "id"}}
    variables, wrong = {"LEADLOOP_DATABASE_URL": folder.database_url}, str(folder.path / name)
    alone = leadloop(variables, "import", wrong, "--mapping", str(folder.mapping_file()))
    with_more = (str(sound), "--mapping", str(folder.mapping_file(joins=joined)), "--join", f"deals={wrong}")
    for done in (alone, leadloop(variables, "import", *with_more)):
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert said in done.stderr


async def test_a_database_that_is_away_is_one_line_and_exit_2(folder: Folder) -> None:
    file = folder.write([row(1)])
    done = leadloop(
        {"LEADLOOP_DATABASE_URL": "postgresql://loop:hunter2@127.0.0.1:1/leads"},
        "import", str(file), "--mapping", str(folder.mapping_file()),
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "run the import again" in done.stderr
    assert "hunter2" not in done.stderr


async def test_a_database_that_goes_away_while_folding_is_said_so_and_the_next_run_goes_on(folder: Folder) -> None:
    file = folder.write(row(number) for number in range(20))
    async with folder.engine.begin() as connection:
        await connection.exec_driver_sql("LOCK TABLE lead_states IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DatabaseAwayError):
            await folder.bring_in(file, patience=Patience(statement_seconds=1, lock_seconds=0.5))

    tally, _ = await folder.bring_in(file)

    assert (tally.duplicates, tally.folded.leads) == (45, 20)


async def test_without_a_playbook_it_is_one_line_and_exit_2(empty_database_url: str, folder: Folder) -> None:
    upgrade(empty_database_url)
    done = leadloop(
        {"LEADLOOP_DATABASE_URL": empty_database_url},
        "import", str(folder.write([row(1)])), "--mapping", str(folder.mapping_file()), "--backfill",
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "run leadloop migrate" in done.stderr


async def test_a_place_that_rejected_rows_cannot_be_written_to_is_said(folder: Folder) -> None:
    file = folder.write([row(1, id="")])
    (folder.path / "leads.rejected.csv").mkdir()
    with pytest.raises(RejectsError, match="is in the way of rejected rows"):
        await folder.bring_in(file)
