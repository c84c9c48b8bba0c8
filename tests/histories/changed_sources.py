"""A life as its source would be with one thing changed: what somebody might do to it without another thought."""

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tests.workflows import crossing_scenarios as crossing
from tests.workflows import scenarios as common
from tests.workflows import seldom_scenarios as seldom
from tests.workflows.scenarios import Scenario

WORKFLOWS = Path(import_module("workflows.lead").__file__ or "").parent


class Change(NamedTuple):
    """Words of one module of `workflows`, what stands in their place, and the scenario whose recording notices."""

    module: str
    was: str
    becomes: str
    noticed_by: Scenario


CHANGES = {
    "an end that owes is left": Change(
        "lead", "return turn.wake_at is not None", "return False", seldom.an_end_that_owes
    ),
    "an open life in which nothing is due is left for a new build": Change(
        "lead",
        "turn.phase != Phase.ENDED or _is_owed(turn)",
        "_is_owed(turn)",
        crossing.a_new_build_comes_while_nothing_is_due,
    ),
    "an end that owes is left for a new build": Change(
        "lead", "!= Phase.ENDED or _is_owed(turn)", "!= Phase.ENDED", crossing.a_new_build_comes_while_an_end_owes
    ),
    "an end that owes hears of no new build": Change(
        "lead", "_is_owed(turn) and not self._is_long()", "_is_owed(turn)", crossing.a_new_build_comes_while_an_end_owes
    ),
    "an end leaves its mail unread": Change(
        "lead", "not stays and self._why_look(turn) is None", "not stays", seldom.an_end_with_more_mail
    ),
    "an end leaves a command unanswered": Change(
        "lead",
        "self._errands.are_done and workflow.all_handlers_finished()",
        "self._errands.are_done",
        crossing.a_command_reopens_a_lead_that_had_nothing_to_do,
    ),
    "a new run leaves a notice behind": Change(
        "lead",
        "if self._is_long() and self._is_settled()",
        "if self._is_long()",
        crossing.a_new_build_comes_while_the_store_is_away_and_a_notice_hangs,
    ),
    "a ring is never answered": Change("lead", "self._rings -= heard", "pass", common.ten_events_and_two_notices),
    "a step answers rings that came as it read": Change(
        "lead", "self._rings -= heard", "self._rings = 0", crossing.a_ring_comes_while_a_step_reads
    ),
    "a turn answers only rings from before it waited": Change(
        "lead",
        "async with self._lock:\n            heard = self._rings\n",
        "heard = self._rings\n        async with self._lock:\n",
        crossing.rings_come_while_a_command_is_weighed,
    ),
    "a step that fails answers rings": Change(
        "lead",
        "            heard = self._rings\n",
        "            heard, self._rings = 0, 0\n",
        crossing.a_ring_comes_with_a_command_that_finds_no_store,
    ),
    "a ring goes before more mail": Change(
        "lead", "if turn.has_more:", "if turn.has_more and not self._rings:", crossing.a_ring_comes_while_a_step_reads
    ),
    "the turn from before an outage is taken for one after it": Change(
        "lead",
        "if taken := self._turn_since(before)",
        "if taken := self._latest",
        seldom.a_store_that_is_away_after_a_turn,
    ),
    "a command's turn ends no pause": Change(
        "lead",
        "self._rings != rings or self._latest is not latest",
        "self._rings != rings",
        crossing.a_command_comes_while_a_life_cannot_begin,
    ),
    "what was no word of the store has its code": Change(
        "lead", 'and cause.type else "step_failed"', 'and cause.type else "store_away"', seldom.a_step_that_hangs
    ),
    "an alarm forgets when its timer fires": Change(
        "alarm",
        "            self._fires_at = self._wanted\n",
        "            self._fires_at = self._fires_at or self._wanted\n",
        seldom.an_alarm_that_moves_later_and_earlier,
    ),
    "the notice named last sets the alarm": Change(
        "errands", "elif next_at is None or due_at < next_at:", "else:", seldom.notices_that_are_put_off
    ),
    "an end hurries": Change("lead", "turn, CALM, ", "turn, PROMISE, ", seldom.an_end_that_owes),
    "an end does not look once more": Change(
        "lead", "and not (stays and was_settled))", "and not stays)", seldom.an_end_that_owes
    ),
    "capture takes its time": Change(
        "lead", 'qualify", turn, EXACT', 'qualify", turn, SPREAD', seldom.a_notice_and_an_alarm_in_each_phase
    ),
    "nurture takes no time": Change(
        "lead", 'step", turn, SPREAD', 'step", turn, EXACT', seldom.a_notice_and_an_alarm_in_each_phase
    ),
    "hand_off is calm": Change(
        "lead", 'owner", turn, PROMISE', 'owner", turn, CALM', seldom.a_notice_and_an_alarm_in_each_phase
    ),
    "follow_up is calm": Change(
        "lead", 'touch", turn, PROMISE', 'touch", turn, CALM', seldom.a_notice_and_an_alarm_in_each_phase
    ),
    "close_loop hurries": Change(
        "lead", 'answer", turn, CALM', 'answer", turn, PROMISE', seldom.a_notice_and_an_alarm_in_each_phase
    ),
    "an exact wake is late": Change(
        "lead",
        "timedelta(0) if turn.is_exact",
        "timedelta(seconds=1) if turn.is_exact",
        seldom.a_notice_and_an_alarm_in_each_phase,
    ),
    "the spread is wider": Change("pace", "minutes=5", "minutes=6", seldom.a_notice_and_an_alarm_in_each_phase),
    "a pause is shorter": Change(
        "lead",
        "FIRST_PAUSE = timedelta(seconds=5)",
        "FIRST_PAUSE = timedelta(seconds=4)",
        crossing.cancelled_as_it_pauses,
    ),
    "the longest pause is longer": Change(
        "lead",
        "LONGEST_PAUSE = timedelta(minutes=5)",
        "LONGEST_PAUSE = timedelta(minutes=50)",
        seldom.a_store_that_is_away_for_long,
    ),
    "a rest is longer": Change(
        "errands", "timedelta(minutes=1)", "timedelta(minutes=2)", seldom.a_notice_that_rests_longest
    ),
    "the longest rest is longer": Change(
        "errands", "timedelta(minutes=15)", "timedelta(hours=15)", seldom.a_notice_that_rests_longest
    ),
    "a failure after a word is not the first": Change(
        "errands", "self._rests.pop(action.id, None)", "pass", seldom.a_notice_that_fails_after_a_word
    ),
    "an unknown phase hurries": Change(
        "lead", "turn.phase, self.close_loop", "turn.phase, self.hand_off", seldom.a_phase_of_a_newer_build
    ),
    "no word is a refusal": Change("lead", 'or "expired"', 'or "refused"', seldom.commands_of_every_answer),
    "a cancellation is taken for a failure": Change(
        "lead", "if is_cancelled_exception(failure):", "if False:", crossing.cancelled_as_it_looks
    ),
    "a cancelled pause is over": Change(
        "lead",
        "except TimeoutError:",
        "except (TimeoutError, asyncio.CancelledError):",
        crossing.cancelled_as_it_pauses,
    ),
    "a cancelled wait is over": Change(
        "lead",
        "        await workflow.wait_condition(lambda: self._why_look(turn) is not None)\n",
        "        try:\n"
        "            await workflow.wait_condition(lambda: self._why_look(turn) is not None)\n"
        "        except asyncio.CancelledError:\n"
        "            pass\n",
        crossing.cancelled_as_it_waits,
    ),
    "an alarm may be nearer": Change(
        "alarm", "SOONEST = timedelta(seconds=1)", "SOONEST = timedelta(seconds=0.5)", seldom.a_wake_that_is_past
    ),
    "a life is longer": Change(
        "lead", "LONGEST_HISTORY = 500", "LONGEST_HISTORY = 1000", common.a_long_life_goes_on_in_a_new_run
    ),
    **{
        f"{word} is not settled": Change("errands", f'"{word}"', '"never"', seldom.notices_that_are_settled)
        for word in ("sent", "withdrawn", "already_done", "parked")
    },
    "an unknown word is settled": Change(
        "errands", "if answer not in SETTLED", 'if answer == "failed"', seldom.notices_that_are_settled
    ),
}


def changed_life(folder: Path, change: Change | None) -> type:
    """The life of a copy of `workflows` in which `change` was made, if any; `folder` must be on the import path."""

    def changed(module: str, text: str) -> str:
        if change is None or module != change.module:
            return text
        assert text.count(change.was) == 1, f"{change.was!r} is not once in {module}.py: bring the change up to date"
        return text.replace(change.was, change.becomes)

    package = package_of(folder / re.sub(r"\W", "_", folder.name), changed)
    life: type = import_module(f"{package}.lead").LeadLife
    return life


def package_of(folder: Path, changed: Callable[[str, str], str]) -> str:
    """A copy of `workflows`, each module's text as `changed` makes it of name and text; returns the package's name."""
    folder.mkdir()
    for source in WORKFLOWS.glob("*.py"):
        text = changed(source.stem, source.read_text())
        (folder / source.name).write_text(text.replace("from workflows.", f"from {folder.name}."))
    return folder.name
