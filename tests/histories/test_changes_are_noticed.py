"""Change one thing of a life, and the recording that comes to it no longer fits: the guard says so."""

from pathlib import Path

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from tests.histories.changed_sources import CHANGES, Change, changed_life
from tests.histories.commands import led_as_new
from tests.histories.record import commands_given, history_of, newest


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_a_change_of_the_source_is_noticed(
    change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    life = changed_life(tmp_path, change)
    path = newest(change.noticed_by.__name__)
    assert path is not None
    led = await led_as_new(history_of(path), workflows=[life], runner=UnsandboxedWorkflowRunner())
    assert led.failure is not None or led.commands != commands_given(path)


async def test_a_copy_without_a_change_does_as_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    life = changed_life(tmp_path, None)
    for name in sorted({change.noticed_by.__name__ for change in CHANGES.values()}):
        path = newest(name)
        assert path is not None
        led = await led_as_new(history_of(path), workflows=[life], runner=UnsandboxedWorkflowRunner())
        assert (led.commands, led.failure) == (commands_given(path), None), name
