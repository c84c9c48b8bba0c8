"""Record the histories that every later build must be able to replay: `python -m tests.histories.record`.

Run it when the life of a lead has a new kind of event; a recording of a released build is never replaced, a new one is
added beside it under another name.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.lead_test_env import LeadTestEnv, running_lead_test_env
from tests.workflows.scenarios import SCENARIOS

FOLDER = Path(__file__).parent
_OF_THE_RECORDER = ("identity", "binaryChecksum", "sdkMetadata", "workerVersion")
"""Names of this machine and process: a replay does not need them."""


async def record(env: LeadTestEnv, name: str) -> str:
    """Play a scenario and return its history as JSON."""
    home = await SCENARIOS[name](env)
    history = json.loads((await home.handle.fetch_history()).to_json())
    return json.dumps(_without_recorder(history), indent=1) + "\n"


def recordings() -> list[Path]:
    """All histories recorded so far."""
    return sorted(FOLDER.glob("*.json"))


def _without_recorder(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_recorder(value) for key, value in part.items() if key not in _OF_THE_RECORDER}
    return [_without_recorder(child) for child in part] if isinstance(part, list) else part


async def main() -> None:
    """Record all scenarios anew."""
    async with running_lead_test_env() as env:
        for name in SCENARIOS:
            (FOLDER / f"{name}.json").write_text(await record(env, name))


if __name__ == "__main__":
    asyncio.run(main())
