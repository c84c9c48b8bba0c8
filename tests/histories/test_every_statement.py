"""Leave a statement out, or turn a condition round: some recording no longer fits, or it is told here why not."""

from importlib import import_module
from pathlib import Path

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from tests.histories.changed_sources import WORKFLOWS, package_of
from tests.histories.commands import led_as_new
from tests.histories.mutants import Mutant, mutants
from tests.histories.record import commands_given, history_of, newest
from tests.workflows.scenarios import SCENARIOS

_PAGE = "stands on Temporal's page alone: tests/workflows/test_lead_life.py, test_lead_outage.py"
_FIRST = "a first value that is set before it is read"
_TYPE = "for the type checker: it is always so here"
UNSEEN = {
    "without: workflow.set_current_details(f'{turn.phase}: {what}{until}\\n\\n{turn.watch}')": _PAGE,
    "turned round: turn.wake_at": _PAGE,
    "without: workflow.set_current_details(f'the last step failed: {why}; tries again within {pause}')": _PAGE,
    "without: return": "the last of its method",
    "without cause.type in: isinstance(cause, ApplicationError) and cause.type": _TYPE,
    "without: self._wanted: datetime | None = None": _FIRST,
    "without: self._fires_at: datetime | None = None": _FIRST,
    "without: self._summary = ''": _FIRST,
    "without: self._has_rung = False": _FIRST,
    "without self._wanted is not None in: self._wanted is not None and (rest := (self._wanted - workflow.now())) > "
    "timedelta(0)": "nothing rings for an alarm that nobody wants, whichever way its task ends",
    "without self._fires_at is not None in: self._fires_at is not None and self._fires_at <= self._wanted": _TYPE,
}


def test_what_is_left_out_and_turned_round() -> None:
    source = 'def f(a, b):\n    "Says so."\n    if a and b:\n        return 1\n    c = a or not b\n'
    assert [(mutant.line, mutant.what) for mutant in mutants(source)] == [
        (3, "without: if a and b:"),
        (3, "turned round: a and b"),
        (3, "without a in: a and b"),
        (3, "without b in: a and b"),
        (4, "without: return 1"),
        (5, "without: c = a or not b"),
        (5, "without a in: a or not b"),
        (5, "without not b in: a or not b"),
    ]
    sources = [mutant.source for mutant in mutants(source)]
    assert sources[1].endswith("\n    if not (a and b):\n        return 1\n    c = a or not b")
    assert len(set(sources)) == len(sources)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of lives torn off in the middle
@pytest.mark.parametrize("module", ["lead", "alarm", "errands", "pace"])
async def test_no_statement_of_a_life_changes_unseen(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    recorded = sorted((path for path in map(newest, SCENARIOS) if path), key=lambda path: path.stat().st_size)
    unseen = [
        f"{module}.py, line {mutant.line}, {mutant.what}"
        for number, mutant in enumerate(mutants((WORKFLOWS / f"{module}.py").read_text()))
        if mutant.what not in UNSEEN and not await _is_seen(tmp_path / f"{module}_{number}", module, mutant, recorded)
    ]
    assert not unseen, "\n".join(unseen)


async def _is_seen(folder: Path, module: str, mutant: Mutant, recorded: list[Path]) -> bool:
    package = package_of(folder, lambda name, text: mutant.source if name == module else text)
    try:
        life = import_module(f"{package}.lead").LeadLife
    except (ImportError, NameError, TypeError):
        return True
    for path in recorded:
        led = await led_as_new(history_of(path), workflows=[life], runner=UnsandboxedWorkflowRunner())
        if led.failure is not None or led.commands != commands_given(path):
            return True
    return False
