"""The checksums of all recordings, in the form of `sha256sum`: the recording of a released build is never replaced.

Lives begun by that build may still be under way, and their history is what every later build has to go on from.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

MANIFEST = "recordings.sha256"
NEVER_REPLACED = "a recording of a released build is never replaced: take it back with git checkout, then record anew"
_RECORDED = (".json", ".commands")


def missing_or_altered(folder: Path) -> list[str]:
    """What the folder's manifest lists and the folder does not hold as it was, a line for each."""
    return [
        f"{name} is {'altered' if (folder / name).exists() else 'missing'}: {NEVER_REPLACED}"
        for name, digest in _listed(folder).items()
        if not (folder / name).exists() or _digest(folder / name) != digest
    ]


def unlisted(folder: Path) -> list[str]:
    """Recordings and their commands that the manifest does not know yet."""
    listed = _listed(folder)
    return sorted(path.name for path in folder.iterdir() if path.suffix in _RECORDED and path.name not in listed)


def add(folder: Path, names: Iterable[str]) -> None:
    """List files as they are now, after those that are listed already; what is listed stays as it is."""
    listed = _listed(folder)
    new = "".join(f"{_digest(folder / name)}  {name}\n" for name in names if name not in listed)
    with (folder / MANIFEST).open("a") as manifest:
        manifest.write(new)


def _listed(folder: Path) -> dict[str, str]:
    manifest = folder / MANIFEST
    lines = manifest.read_text().splitlines() if manifest.exists() else []
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
