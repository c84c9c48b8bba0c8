"""Where what lies in the data folder of one machine."""

import os
from dataclasses import dataclass
from pathlib import Path

from workers.local_stack.errors import DataFolderError


@dataclass(frozen=True)
class DataFolder:
    """The data folder, owner-only: `postgres/`, `temporal/`, `run/`, `logs/`, `stack.json`, `up.lock`, `admin.key`."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def temporal(self) -> Path:
        """The file of the Temporal dev server."""
        return self.root / "temporal" / "temporal.db"

    @property
    def lock(self) -> Path:
        return self.root / "up.lock"

    @property
    def key(self) -> Path:
        """The first admin key of this machine, mode 0600."""
        return self.root / "admin.key"

    @property
    def state(self) -> Path:
        """What runs, for other commands on this machine; see `state`."""
        return self.root / "stack.json"

    def log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"

    def ensure(self) -> None:
        """Make the folder, readable by its owner only. Raises `DataFolderError` when it can't be written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)  # root's PostgreSQL may have to pass as nobody
            for folder in (self.temporal.parent, self.root / "logs"):
                folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as refusal:
            raise DataFolderError(
                f"The data folder {self.root} can't be used ({refusal.strerror}); set LEADLOOP_DATA_DIR to another one"
            ) from None
