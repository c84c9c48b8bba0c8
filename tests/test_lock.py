"""What is installed is what was locked: from the registry alone, each file by its hash."""

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES: list[dict[str, Any]] = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
LOCKED = [package for package in PACKAGES if package["name"] != "leadloop"]


def test_every_package_comes_from_the_registry() -> None:
    assert len(LOCKED) > 50
    sources = {tuple(package["source"].items()) for package in LOCKED}
    # no branch of a repository, no address, no folder of somebody's machine
    assert sources == {(("registry", "https://pypi.org/simple"),)}


def test_every_file_is_pinned_by_its_hash() -> None:
    for package in LOCKED:
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert files, package["name"]
        for file in files:
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]), file["url"]
            assert file["url"].startswith("https://files.pythonhosted.org/")


def test_the_lock_is_what_make_and_the_image_install() -> None:
    for name in ("Makefile", "deploy/Dockerfile"):
        assert re.search(r"uv\S* sync .*--(frozen|locked)|sync --(frozen|locked)", (ROOT / name).read_text()), name
