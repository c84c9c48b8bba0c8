"""`leadloop demo`: a believable day at a company, played on a running system in minutes."""

import asyncio
import json
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli_playbook import newest
from workers.settings import Settings, load_settings

if TYPE_CHECKING:
    import httpx2
    from rich.console import Console

    from workers.demo.http import HttpLeadloop
    from workers.demo.played import Played
    from workers.demo.story import Story

_PLAYBOOK = "/v1/playbook/revisions"
COMMENT = "The demo: an hour is shortened, and the office never closes"
_SETTLES_SECONDS = 0.5
"""After a revision has come into force, until the first event."""


def demo(
    *,
    leads: Annotated[int, typer.Option(min=1, max=100_000, help="How many leads come in.")] = 200,
    minutes: Annotated[float, typer.Option(min=2, max=1440, help="How long it lasts; 18 hours of work fit in.")] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same script.")] = 1,
    publish_playbook: Annotated[
        bool,
        typer.Option(
            "--publish-playbook/--no-publish-playbook",
            help="Publish a playbook whose hours are shortened to fit; without it promises last as long as yours do.",
        ),
    ] = True,
    keep_playbook: Annotated[
        bool, typer.Option("--keep-playbook", help="Leave the demo's playbook in force at the end.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The summary for programs.")] = False,
) -> None:
    """Play leads, campaigns and people who answer in time, late, by machine or never; then say what Leadloop caught.

    Each number comes with a lead to look at. A closer, a manager and a colleague are needed now and then: those of the
    starter roster are taken.

    Ctrl-C ends it early, with the summary so far. At the end the former playbook is published again.
    """
    from rich.console import Console  # noqa: PLC0415  heavy

    from workers.demo.plan import hour_seconds  # noqa: PLC0415  only here
    from workers.demo.report import document, show  # noqa: PLC0415  only here

    console = Console(stderr=True, highlight=False)
    run_name = f"demo-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    wanted = Wanted(leads=leads, minutes=minutes, seed=seed, publishes=publish_playbook, keeps=keep_playbook)
    stories, played = asyncio.run(Acts(load_settings(), console, run_name, wanted).play())
    hour = hour_seconds(minutes)
    if as_json:
        typer.echo(json.dumps(document(stories, played, run_name=run_name, seed=seed, hour_seconds=hour)))
    else:
        show(Console(highlight=False), stories, played, hour_seconds=hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How the demo is to be."""

    leads: int
    minutes: float
    seed: int
    publishes: bool
    keeps: bool
    """Leave its playbook in force at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """The demo's playbook in place of the former one."""

    number: int
    former: int
    former_source: str
    in_force_from: datetime


class Acts:
    """One run of the demo: publish, play, publish the former playbook again, look."""

    def __init__(self, settings: Settings, console: "Console", run_name: str, wanted: Wanted) -> None:
        self._settings = settings
        self._console = console
        self._run_name = run_name
        self._wanted = wanted

    async def play(self) -> "tuple[list[Story], Played]":
        """Raises `CliError`: no system, or it refuses."""
        import httpx2  # noqa: PLC0415  heavy

        from workers.api_client import away, client_arguments  # noqa: PLC0415  heavy
        from workers.demo.http import HttpLeadloop  # noqa: PLC0415  heavy
        from workers.demo.plan import plan  # noqa: PLC0415  heavy
        from workers.demo.stage import Stage, SystemAwayError  # noqa: PLC0415  heavy

        script = plan(self._wanted.seed, self._wanted.leads, self._wanted.minutes)
        async with httpx2.AsyncClient(**client_arguments(self._settings)) as client:
            system = HttpLeadloop(client)
            try:
                await system.is_there()
                stage = Stage(system, self._run_name, script)
                swap = await self._publish(client) if self._wanted.publishes else None
                try:
                    await self._comes_into_force(swap)
                    await self._until_stopped(stage, len(script))
                finally:
                    if swap is not None and not self._wanted.keeps:
                        await self._go_back(client, swap)
                return await self._look(system, stage.played), stage.played
            except (SystemAwayError, httpx2.TransportError):
                raise away(self._settings) from None

    async def _publish(self, client: "httpx2.AsyncClient") -> Swap:
        from storage.playbooks import default_text  # noqa: PLC0415  heavy
        from workers.api_client import checked  # noqa: PLC0415  heavy
        from workers.demo.plan import hour_seconds  # noqa: PLC0415  heavy
        from workers.demo.playbook import demo_playbook  # noqa: PLC0415  heavy

        before = last_of_ours(checked(await client.get(_PLAYBOOK, params={"limit": 200})))
        # read first: without it there is no way back
        former_source = checked(await client.get(f"{_PLAYBOOK}/{before}"))["source"]
        hour = hour_seconds(self._wanted.minutes)
        body = {"source": demo_playbook(default_text(), hour), "comment": COMMENT}
        made: dict[str, Any] = checked(await client.post(_PLAYBOOK, json=body))
        self._console.print(
            f"Published playbook revision {made['number']}, in which an hour lasts {hour:.0f} s and the office never "
            f"closes; it holds for all leads handed over from now on. "
            + (_way_back(before) if self._wanted.keeps else "At the end the former one is published again."),
            soft_wrap=True,
        )
        in_force_from = datetime.fromisoformat(made["in_force_from"])
        return Swap(number=made["number"], former=before, former_source=former_source, in_force_from=in_force_from)

    async def _comes_into_force(self, swap: Swap | None) -> None:
        if swap is not None:
            left = (swap.in_force_from - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(left, 0) + _SETTLES_SECONDS)

    async def _go_back(self, client: "httpx2.AsyncClient", swap: Swap) -> None:
        """Publish the former playbook again. What keeps it from that is said, and the demo's summary still follows."""
        import httpx2  # noqa: PLC0415  heavy

        from workers.api_client import ApiRefusedError, checked  # noqa: PLC0415  heavy

        body = {"source": swap.former_source, "comment": f"Back from the demo: revision {swap.former} again"}
        try:
            if newest(checked(await client.get(_PLAYBOOK, params={"limit": 1}))) != swap.number:
                said = "Somebody else has published a playbook meanwhile; it is left in force."
            else:
                made = checked(await client.post(_PLAYBOOK, json=body))
                said = f"Published the former playbook (revision {swap.former}) again, as revision {made['number']}."
        except (ApiRefusedError, httpx2.TransportError):
            said = f"The former playbook could not be published again. {_way_back(swap.former)}"
        self._console.print(said, soft_wrap=True)

    async def _until_stopped(self, stage: Any, events: int) -> None:
        """Play to the end, or until Ctrl-C or SIGTERM; a second one ends the command."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415  heavy

        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal) as bar:
            task = bar.add_task("Playing", total=self._wanted.minutes * 60)
            began = datetime.now(UTC)

            def report(played: "Played") -> None:
                passed = (datetime.now(UTC) - began).total_seconds()
                bar.update(task, completed=passed, description=f"{played.sent:,} of {events:,} events")

            playing = asyncio.ensure_future(stage.play(timedelta(minutes=self._wanted.minutes), report))
            loop = asyncio.get_running_loop()

            def stop() -> None:
                self._console.print("Stopping; the summary so far follows.")
                for sign in (signal.SIGINT, signal.SIGTERM):
                    loop.remove_signal_handler(sign)
                playing.cancel()

            for sign in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(sign, stop)
            with suppress(asyncio.CancelledError):
                await playing

    async def _look(self, system: "HttpLeadloop", played: "Played") -> "list[Story]":
        from workers.demo.findings import story_of  # noqa: PLC0415  only here
        from workers.demo.played import subject_of  # noqa: PLC0415  only here

        subjects = {lead_id: subject_of(self._run_name, number) for number, lead_id in sorted(played.lead_ids.items())}
        with self._console.status(f"Looking at {len(subjects):,} leads …"):
            return [story_of(subjects[lead["lead_id"]], lead, lines) async for lead, lines in system.stories(subjects)]


def _way_back(former: int) -> str:
    return (
        f"To go back:\n  leadloop playbook show {former} | leadloop playbook publish - --comment 'back from the demo'"
    )


def last_of_ours(listed: dict[str, Any]) -> int:
    """The number of the newest revision that no demo has published; of the newest one where all are of demos."""
    own = [revision for revision in listed["revisions"] if revision["comment"] != COMMENT]
    return newest({"revisions": own or listed["revisions"]})
