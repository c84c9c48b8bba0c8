"""The hunt for leaks, on a schedule: look and mend, wait until what was rung has taken its step, look again."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.reconcile import RECONCILE, Reconciled, ReconcileRequest

RECONCILE_LEADS = "ReconcileLeads"
SCHEDULE_ID = "reconcile-leads"
EVERY = timedelta(minutes=10)
_STEPS_WITHIN = timedelta(seconds=60)
_LOOK_WITHIN = timedelta(hours=1)
_SILENT_FOR = timedelta(minutes=2)


@workflow.defn(name=RECONCILE_LEADS)
class ReconcileLeads:
    """What it returns is what could not be mended: it must be nothing."""

    @workflow.run
    async def run(self) -> Reconciled:
        found = await self._look(mends=True)
        if found.leaks == 0:
            return found
        workflow.set_current_details(f"{found.leaks} leaks found, {found.rung} leads rung")
        await workflow.sleep(_STEPS_WITHIN, summary="what was rung takes its step")
        return await self._look(mends=False)

    async def _look(self, *, mends: bool) -> Reconciled:
        found: Reconciled = await workflow.execute_activity(
            RECONCILE,
            ReconcileRequest(workflow.now().isoformat(), mends),
            result_type=Reconciled,
            start_to_close_timeout=_LOOK_WITHIN,
            heartbeat_timeout=_SILENT_FOR,
            retry_policy=RetryPolicy(maximum_attempts=3),
            summary="look and mend" if mends else "look again",
        )
        return found
