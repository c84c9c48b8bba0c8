"""Previews that say what they are told to say, at the pace a test sets."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from leads.what_if.report import Looked, OpenPreview, Preview
from leads.what_if.tally import OpenSums
from storage.playbooks import read_playbook
from storage.preview_store import Asked, Progress


@dataclass
class FakePreviews:
    """Looks at three leads and finds nothing. `error` is raised once they are looked at, or before with `is_early`."""

    asked: list[Asked] = field(default_factory=list)
    error: Exception | None = None
    is_early: bool = False
    may_end: asyncio.Event | None = None
    """Where there is one, a preview waits for it."""
    was_cancelled: bool = False

    async def preview(self, asked: Asked, now: datetime, tell: Callable[[Progress], None]) -> Preview:
        self.asked.append(asked)
        if self.error and self.is_early:
            raise self.error
        read_playbook(asked.source, now)
        tell(Progress(0, 3))
        try:
            if self.may_end is not None:
                await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        tell(Progress(3, 3))
        if self.error:
            raise self.error
        found = OpenPreview.of(OpenSums(leads=3), Looked(leads=3, of=3))
        return Preview(at=now, base=1, running=asked.running, summary=["Nothing changes for 3 open leads."], open=found)
