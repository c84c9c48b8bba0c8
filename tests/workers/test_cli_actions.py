"""`leadloop actions`: what was given up is listed with ids that can be copied, and tried again."""

from asyncio import to_thread

from tests.desk import LEAD, NOON, Desk, notice
from tests.workers.live_api import leadloop


async def test_in_a_narrow_terminal_parked_actions_show_the_ids_that_retry_needs(desk: Desk, database_url: str) -> None:
    action_id = await desk.issue(notice())
    await desk.set_row(action_id, state="parked", error_code="smtp_refused", attempts=12)
    variables = {"LEADLOOP_DATABASE_URL": database_url, "COLUMNS": "80"}

    listed = await to_thread(leadloop, variables, "actions", "parked")
    retried = await to_thread(leadloop, variables, "actions", "retry", str(action_id))

    assert listed.stdout == (
        f"{action_id}  warning, smtp_refused, 12 tries\n  lead {LEAD}, issued {NOON:%Y-%m-%d %H:%M} UTC\n"
    )
    assert max(map(len, listed.stdout.splitlines())) <= 80
    assert (retried.returncode, retried.stdout) == (0, "1 of 1 will be tried again.\n")
