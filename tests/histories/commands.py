"""The commands a life gives: what its code tells Temporal to do, as lines to be read and compared.

A recorded life is led once more `as_new`, by the code as it stands: told that it is not being replayed, it takes the
way that a life begun today would take, also where `workflow.patched` keeps older lives on their own.
"""

import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.json_format import MessageToDict
from temporalio.client import WorkflowHistory
from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from workers.engine import WORKFLOWS, replayer, workflow_runner


@dataclass(frozen=True)
class Led:
    """A recorded life, led by the code of today."""

    commands: list[str]
    failure: str | None
    """Why the history does not fit it, in Temporal's words."""


async def led_as_new(
    history: WorkflowHistory, *, workflows: Sequence[type] = WORKFLOWS, runner: WorkflowRunner | None = None
) -> Led:
    """What a new life would do with all that this one met."""
    noting = _Noting(runner or workflow_runner())
    result = await replayer(noting, workflows=workflows).replay_workflow(history, raise_on_replay_failure=False)
    return Led(noting.lines, str(result.replay_failure) if result.replay_failure else None)


@dataclass
class _Noting(WorkflowRunner):
    """Notes the commands of the lives that another runner leads."""

    runner: WorkflowRunner
    lines: list[str] = field(default_factory=list)

    def prepare_workflow(self, defn: Any) -> None:
        self.runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Noted(self.runner.create_instance(det), self.lines)


class _Noted(WorkflowInstance):
    def __init__(self, life: WorkflowInstance, lines: list[str]) -> None:
        self._life = life
        self._lines = lines

    def activate(self, act: Any) -> Any:
        act.is_replaying = False
        completion = self._life.activate(act)
        self._lines += [_line(command) for command in completion.successful.commands]
        return completion

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._life.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return self._life.get_external_store_context(command_info)

    def get_info(self) -> Any:
        return self._life.get_info()

    def get_thread_id(self) -> int | None:
        return self._life.get_thread_id()


_NUMBERS = ("seq", "activityId")
"""The place of a command, which its line has by itself."""


def _line(command: Any) -> str:
    kind = command.WhichOneof("variant")
    said = MessageToDict(command.user_metadata).get("summary")
    content = MessageToDict(getattr(command, kind)) | ({"summary": said} if said else {})
    content = {name: value for name, value in content.items() if name not in _NUMBERS}
    return f"{kind} {json.dumps(_plain(content), sort_keys=True)}"


def _plain(part: Any) -> Any:
    """Payloads as what they hold."""
    if isinstance(part, dict):
        if part.keys() == {"metadata", "data"}:
            return json.loads(b64decode(part["data"]))
        return {key: _plain(value) for key, value in part.items()}
    return [_plain(child) for child in part] if isinstance(part, list) else part
