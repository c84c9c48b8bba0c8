"""`leadloop lead accept` and its like, against the API on its fakes: what is sent, told and refused."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest

from api.auth import ACTOR_HEADER
from leads import commands, events, promises
from leads.telling.words import Names
from storage.queries import StoredLead
from tests.api.fakes import Api
from tests.api.lead_fakes import LEAD, detail, lead_row
from tests.builders import Story, at, captured, raised
from tests.workers.served_api import served
from workers import cli, cli_lead_commands, cli_lead_giving

SOON, LATER = "2026-06-02T10:00:00+02:00", "2026-06-02T08:00:00Z"
REASON = ["--reason", "no_fit"]


class Answer(NamedTuple):
    code: int
    out: str
    err: str


class Office(NamedTuple):
    api: Api
    leadloop: Callable[..., Answer]


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Office]:
    """One lead, whose commands are granted; and the command line, run in this process."""
    for name in [name for name in os.environ if name.startswith("LEADLOOP_")]:
        monkeypatch.delenv(name)
    api, story = Api(), Story()
    story.step(at(10), captured(at(10)), raised(at(10)))
    api.clock.at = at(13)
    api.commands.leads.add(LEAD)
    api.leads.rows, api.leads.details[LEAD] = [lead_row()], detail(company="Example\x1b Engines")
    api.leads.states[LEAD] = StoredLead(
        lead=story.lead, journal=story.journal, shelf=story.shelf, names=Names({"ana": "Ana Huber"}), unread=0
    )
    api.desk.weigh = lambda command_id: api.commands.answer(command_id, "granted")

    def run(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["leadloop", "lead", *arguments])
        code: Any = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return Answer(int(code or 0), said.out, said.err)

    with served(api.app, tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield Office(api, run)


def body_of(office: Office) -> dict[str, Any]:
    [stored] = office.api.commands.stored.values()
    return stored.body


ROWS: list[tuple[list[str], dict[str, Any], str]] = [
    # after `leadloop lead` and the lead     the body the API stores                            told
    (["accept"], {}, "Accepted"),
    (["reject", *REASON], {"reason": "no_fit"}, "Rejected"),
    (["return", *REASON], {"reason": "no_fit"}, "Given back"),
    (["recycle", *REASON], {"reason": "no_fit"}, "Given back to marketing"),
    (["recycle", *REASON, "--until", SOON], {"reason": "no_fit", "wake_at": SOON}, "Given back to marketing"),
    (["callback", "--at", SOON], {"at": SOON}, "Callback agreed"),
    (["callback", "--at", LATER, "--reason", "bad_timing"], {"at": LATER, "reason": "bad_timing"}, "Callback agreed"),
    (["reassign", "--to", "ben", "--reason", "ill"], {"owner": "ben", "reason": "ill"}, "Reassigned"),
    (
        ["reassign", "--team", "sales", "--kind", "rep_to_closer"],
        {"team": "sales", "kind": "rep_to_closer"},
        "Reassigned",
    ),
    (["claim"], {}, "Claimed"),
    (["touch", "--channel", "email"], {"channel": "email", "connected": False}, "Touch recorded"),
    (
        ["touch", "--channel", "call", "--connected", "--at", LATER, "--seconds", "90", "--next-step-at", SOON],
        {"channel": "call", "connected": True, "at": LATER, "duration_seconds": 90, "next_step_at": SOON},
        "Touch recorded",
    ),
    (["snooze", "--until", SOON], {"until": SOON}, "Snoozed"),
    (["waive", "--clock", "first_touch", "--reason", "fair"], {"clock": "first_touch", "reason": "fair"}, "Promise"),
    (["feedback", "--quality", "4"], {"quality": 4, "content_used": []}, "Feedback recorded"),
    (
        ["feedback", "--words", "Good", "--message-used", "m", "--content-used", "a", "--content-used", "b", *REASON],
        {"words": "Good", "message_used": "m", "content_used": ["a", "b"], "reason": "no_fit"},
        "Feedback recorded",
    ),
    (["disqualify", "--kind", "hard", *REASON], {"kind": "hard", "reason": "no_fit"}, "Disqualified"),
    (["reopen"], {}, "Reopened"),
    (["reopen", "--reason", "they called"], {"reason": "they called"}, "Reopened"),
]


@pytest.mark.parametrize(("said", "body", "told"), ROWS)
def test_each_command_is_sent_as_it_was_typed_and_told_in_two_lines(
    office: Office, said: list[str], body: dict[str, Any], told: str
) -> None:
    done = office.leadloop(said[0], str(LEAD), *said[1:], "--as", "ana", "--note", "[as agreed]")

    assert (done.code, done.err) == (0, "")
    model = commands.COMMANDS[said[0]].model_validate({"note": "[as agreed]", **body})
    assert body_of(office) == model.model_dump(mode="json", exclude_none=True)
    [stored] = office.api.commands.stored.values()
    assert (stored.actor, stored.lead_id) == ("ana", LEAD)
    first, second = done.out.splitlines()
    assert first.startswith(told)
    assert first.endswith(": Ada Lovelace, Example Engines.")
    assert second.startswith("Ana Huber has this lead and has not reached out yet.")
    assert second.endswith(" Times are in UTC.")


def test_every_command_there_is_has_a_subcommand_and_a_row() -> None:
    assert list(cli_lead_commands.COMMANDS) == list(commands.COMMANDS)
    assert {said[0] for said, _, _ in ROWS} == set(commands.COMMANDS)
    assert cli_lead_giving.ACTOR_HEADER == ACTOR_HEADER


@pytest.mark.parametrize(
    ("choices", "known"),
    [
        (cli_lead_commands.Channel, list(events.Channel)),
        (cli_lead_commands.Clock, list(promises.ClockName)),
        (cli_lead_commands.Kind, list(events.DisqualifyKind)),
        (cli_lead_commands.PassedOn, list(get_args(events.PassedOn))),
    ],
)
def test_what_may_be_chosen_is_what_there_is(choices: Any, known: list[str]) -> None:
    assert list(get_args(choices)) == known


def test_a_lead_is_found_by_its_subject_and_system(office: Office) -> None:
    assert office.leadloop("claim", "L-1", "--system", "crm").code == 0
    [asked] = office.api.leads.asked
    assert (asked.subject, asked.system) == ("L-1", "crm")
    assert [stored.actor for stored in office.api.commands.stored.values()] == ["admin"]


def test_an_unknown_lead_is_given_nothing(office: Office) -> None:
    office.api.leads.rows = []
    done = office.leadloop("claim", "L-1")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert office.api.commands.stored == {}


def test_given_again_with_its_key_a_command_is_weighed_once(office: Office) -> None:
    told = [office.leadloop("claim", str(LEAD), "--key", "order-66", "--json") for _ in range(2)]
    answers = [json.loads(done.out) for done in told]
    assert answers[0]["command_id"] == answers[1]["command_id"]
    assert (answers[0]["answer"], answers[0]["lead"]["owner"]) == ("granted", "ana")
    assert len(office.api.desk.given) == 1


@pytest.mark.parametrize("said", [[], ["--kind", "to_partner"], ["--reason", "no_fit"]])
def test_a_lead_is_not_reassigned_to_nobody(office: Office, said: list[str]) -> None:
    refused = office.leadloop("reassign", str(LEAD), *said, "--as", "ana")

    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "leadloop: name an owner or a team: --to PERSON, --team TEAM or both\n"
    assert office.api.commands.stored == {}


def test_a_refusal_is_the_api_s_sentence_in_one_line_and_exit_2(office: Office) -> None:
    office.api.desk.weigh = lambda command_id: office.api.commands.answer(command_id, "refused", "it is yours already")
    done = office.leadloop("claim", str(LEAD))
    assert (done.code, done.out) == (2, "")
    assert done.err == "leadloop: This cannot be granted as things stand: It is yours already.\n"


def test_without_an_answer_it_is_said_how_to_give_it_again_and_then_it_is_done_once(office: Office) -> None:
    office.api.desk.weigh = None
    away = office.leadloop("claim", str(LEAD))
    [command_id] = office.api.commands.stored
    office.api.desk.weigh = lambda found: office.api.commands.answer(found, "granted")
    again = office.leadloop("claim", str(LEAD), "--key", str(command_id))

    assert (away.code, away.out) == (2, "")
    assert away.err == (
        f"leadloop: The command has not been answered; given again with --key {command_id} it is done once at most\n"
    )
    assert (again.code, list(office.api.commands.stored)) == (0, [command_id])


def test_granted_is_told_even_where_the_lead_cannot_be_explained(office: Office) -> None:
    office.api.leads.states.clear()
    done = office.leadloop("claim", str(LEAD))
    assert (done.code, done.out, done.err) == (0, "Claimed: Ada Lovelace, Example Engines.\n", "")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            ["snooze", "--until", "2026-06-02T10:00"],
            "--until lacks its offset from UTC: write 2026-06-02T10:00:00+01:00 (with the offset of your zone), or",
        ),
        (
            ["callback", "--at", "tomorrow"],
            "--at takes an instant such as 2026-12-07T10:00:00+01:00, or 2026-12-07T09:00:00Z",
        ),
        (["claim", "--as", "Zoë"], "--as takes printable ASCII characters only"),
        (["claim", "--key", "a\nb"], "--key takes printable ASCII characters only"),
        (["claim", "--key", "a b"], "Idempotency-Key: String should match pattern '^[!-~]+$'"),
        (["reject", "--reason", ""], "reason: String should have at least 1 character"),
        (["touch", "--channel", "call", "--at", "1066-10-14T09:00Z"], "at: Value error, an instant lies from 1970 to"),
    ],
)
def test_what_makes_no_sense_is_one_line_that_says_what_to_write(office: Office, said: list[str], told: str) -> None:
    done = office.leadloop(said[0], str(LEAD), *said[1:])
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"leadloop: {told}")
    assert office.api.commands.stored == {}


@pytest.mark.parametrize(
    "said",
    [
        ["reject"], ["callback"], ["snooze"], ["touch"], ["touch", "--channel", "fax"], ["waive", "--clock", "tea"],
        ["disqualify", "--reason", "spam"], ["feedback", "--quality", "6"], ["reassign", "--kind", "returned"],
    ],
)  # fmt: skip
def test_what_a_command_needs_and_may_be_is_known_before_anything_is_sent(office: Office, said: list[str]) -> None:
    assert office.leadloop(said[0], str(LEAD), *said[1:]).code == 2
    assert office.api.commands.stored == {}
