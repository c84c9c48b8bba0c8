"""What runs in a process that weighs batches of a preview. Imports little, since it starts while somebody waits."""

import os
from multiprocessing import parent_process
from threading import Thread

from storage.preview_batches import Batch, PlanText, Weighed, Weigher
from workers.tidying import tidy_less

_NICE = 5
_weigher: Weigher | None = None


def begin(plan: PlanText) -> None:
    """What the process does first."""
    global _weigher  # noqa: PLW0603  one plan for the life of a process
    os.nice(_NICE)
    Thread(target=_end_with_parent, daemon=True).start()
    _weigher = Weigher(plan)
    tidy_less()


def weigh(batch: Batch) -> Weighed:
    assert _weigher is not None  # noqa: S101  made before the first batch
    return _weigher.weigh(batch)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
