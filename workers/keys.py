"""The admin key of this machine: made once, kept in a file only its owner can read."""

import asyncio
import os
from pathlib import Path

from storage.engine import create_engine
from storage.keys import KeyStore, Scope

_FILE = "admin.key"
_PRINCIPAL = "local-admin"


def ensure_machine_key(database_url: str, data_dir: Path) -> Path:
    """The file with this machine's admin key, made when there is none or its key works no more.

    Raises `DatabaseAwayError`, OSError.
    """
    path = data_dir / _FILE
    asyncio.run(_ensure(database_url, path))
    return path


async def _ensure(database_url: str, path: Path) -> None:
    engine = create_engine(database_url, pool_size=1)
    try:
        keys = KeyStore(engine)
        known = await keys.find(_read(path))
        if known is None or Scope.ADMIN not in known.scopes:
            _, secret = await keys.create(_PRINCIPAL, {Scope.ADMIN}, may_act_for_others=True)
            _write(path, secret)
    finally:
        await engine.dispose()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _write(path: Path, secret: str) -> None:
    """In one move, and never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{secret}\n")
    draft.replace(path)
