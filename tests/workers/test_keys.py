import asyncio
from pathlib import Path

from storage.engine import create_engine
from storage.keys import KeyRecord, KeyStore, Scope
from workers.keys import ensure_machine_key


def found(database_url: str, secret: str) -> KeyRecord | None:
    async def find() -> KeyRecord | None:
        engine = create_engine(database_url)
        try:
            return await KeyStore(engine).find(secret)
        finally:
            await engine.dispose()

    return asyncio.run(find())


def test_the_machine_s_key_is_an_admin_s_and_its_owner_s_alone(database_url: str, tmp_path: Path) -> None:
    path = ensure_machine_key(database_url, tmp_path / "data")

    assert path == tmp_path / "data" / "admin.key"
    assert path.stat().st_mode & 0o777 == 0o600
    key = found(database_url, path.read_text().strip())
    assert key is not None
    assert key.scopes == {Scope.ADMIN}


def test_a_key_that_works_is_kept(database_url: str, tmp_path: Path) -> None:
    first = ensure_machine_key(database_url, tmp_path).read_text()

    assert ensure_machine_key(database_url, tmp_path).read_text() == first


def test_a_key_of_another_database_is_replaced(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "admin.key").write_text("leadloop_0123456789abcdef_of-another-database\n")
    (tmp_path / "admin.key").chmod(0o644)

    path = ensure_machine_key(database_url, tmp_path)

    assert found(database_url, path.read_text().strip()) is not None
    assert path.stat().st_mode & 0o777 == 0o600
