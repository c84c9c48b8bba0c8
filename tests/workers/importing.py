"""What importer tests share: files in a folder, an import in this process, and what the database then holds."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import Patience, create_engine
from workers.importing.mapping import ImportMapping, load_mapping
from workers.importing.rejects import Rejects
from workers.importing.run import PATIENCE, Job, Tally, import_file

CAPTURED: dict[str, Any] = {
    "type": "lead.captured",
    "time": {"column": "at"},
    "data": {"source": {"column": "origin", "default": "unspecified"}, "email": {"column": "email"}},
}
QUALIFIED: dict[str, Any] = {"type": "lead.qualified", "time": {"column": "at"}}
WON: dict[str, Any] = {"type": "lead.won", "when": {"column": "won"}, "time": {"column": "won"}}
COLUMNS = ("id", "origin", "email", "at", "won")


def document(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A mapping document; without events it captures and qualifies each row and wins some."""
    return {"source": "crm", "subject": {"column": "id"}, "events": list(events or (CAPTURED, QUALIFIED, WON))} | more


def mapping(*events: dict[str, Any], **more: Any) -> ImportMapping:
    return ImportMapping.model_validate(document(*events, **more))


def row(number: int, **cells: str) -> dict[str, str]:
    """A lead of some day in 2024; every fourth is won a year later."""
    at = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}T10:00:00+00:00"
    made = {"id": f"L{number}", "origin": "paid", "email": f"p{number}@example.com", "at": at, "won": ""}
    if number % 4 == 0:
        made["won"] = at.replace("2024", "2025")
    return made | cells


@dataclass
class Folder:
    """A folder to import from, and the database to import into."""

    path: Path
    database_url: str
    engine: AsyncEngine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = create_engine(self.database_url, pool_size=2)

    def write(self, rows: Iterable[Mapping[str, str]], name: str = "leads.csv") -> Path:
        path = self.path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer: csv.DictWriter[str] | None = None
            for cells in rows:
                if writer is None:
                    writer = csv.DictWriter(file, list(cells))
                    writer.writeheader()
                writer.writerow(cells)
        return path

    def mapping_file(self, *events: dict[str, Any], **more: Any) -> Path:
        path = self.path / "mapping.yaml"
        path.write_text(yaml.safe_dump(document(*events, **more)), encoding="utf-8")
        return path

    async def bring_in(
        self,
        file: Path,
        map_: ImportMapping | None = None,
        *,
        backfill: bool = True,
        patience: Patience | None = None,
        **joins: Path,
    ) -> tuple[Tally, Rejects]:
        map_ = map_ or load_mapping(self.mapping_file())
        job = Job(file, map_, joins, backfill, self.database_url, timedelta(0), patience or PATIENCE)
        return await import_file(job, lambda _position, _tally: None)

    async def rows(self, table: Any, *where: Any) -> Sequence[Any]:
        async with self.engine.connect() as connection:
            return (await connection.execute(select(table).where(*where))).all()


def rejected(rejects: Rejects) -> list[list[str]]:
    """The rejects file's rows without its header."""
    csv.field_size_limit(1 << 24)
    with rejects.path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.reader(file))[1:]
