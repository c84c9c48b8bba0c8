"""Processor time of processes and all they started, as the kernel counts it."""

import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def spent(roots: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds since their start, of each process by name with its descendants, those that have ended included."""
    seconds: dict[int, float] = {}
    children: defaultdict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        pid = int(folder.name)
        children[int(fields[1])].append(pid)
        seconds[pid] = sum(map(int, fields[11:15])) / _TICKS

    def of_tree(pid: int) -> float:
        return seconds.get(pid, 0.0) + sum(of_tree(child) for child in children[pid])

    return {name: of_tree(pid) for name, pid in roots.items()}
