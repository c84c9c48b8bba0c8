"""What the scenarios are made of."""

from datetime import timedelta

from activities.step import ActionRef, StepResult
from tests.workflows.fakes import House

HOUR = timedelta(hours=1)
WON = StepResult("ended", "won", None)


def notice(number: int) -> ActionRef:
    return ActionRef(f"0199aaaa-0000-7000-8000-{number:012}", "notify")


async def ring_and_wait(home: House) -> None:
    """The next event comes only when the step for the last one is committed."""
    steps = home.steps
    await home.ring()
    await home.reach(steps + 1)
    while await home.count("MARKER_RECORDED") <= steps:
        await home.until("MARKER_RECORDED")
