"""What a notice can say, read when it is sent: the lead's state, its words, the people, and what comes next."""

from datetime import datetime
from uuid import UUID

from leads.brief import Brief, PromiseBrief, Proof, Prospect, coming_up
from leads.clocks import binding_term, is_clock_key, standing_key, standing_name
from leads.life import Life
from leads.promises import ClockName
from leads.revisions import Revision, Shelf
from leads.state import Clock, HandOff, Lead, load_state
from storage.corrections import ask_corrected, ask_proof, corrected_of, proof_of
from storage.hearers import Roster, read_roster, resolve
from storage.pipeline import Answer, Pipeline

ACTION = """
SELECT a.action_id, a.lead_id, a.template, a.payload, a.issued_at, s.state AS lead_state, s.xmin::text AS version,
    (SELECT max(number) FROM playbook_revisions) AS newest_revision,
    (SELECT j.data->>'words' FROM journal j
     WHERE j.lead_id = a.lead_id AND j.book = 'mail' AND j.type = 'lead.hand_raised'
     ORDER BY j.effective_at DESC, j.number DESC LIMIT 1) AS words
FROM actions a LEFT JOIN lead_states s ON s.lead_id = a.lead_id WHERE a.action_id = %(action_id)s
"""
"""An action, and its lead: with what the buyer wrote with the latest raised hand, and the state's version."""


class UnknownActionError(Exception):
    """There is no such action: its lead was erased."""

    code = "unknown_action"


async def read_brief(pipeline: Pipeline, shelf: Shelf, action_id: UUID, at: datetime) -> Brief:
    """Everything a notice can say at `at`. Raises `UnknownActionError`."""
    found = pipeline.send(ACTION, action_id=action_id)
    await pipeline.flush()
    return await brief_of(pipeline, shelf, found, at)


async def brief_of(pipeline: Pipeline, shelf: Shelf, found: Answer, at: datetime) -> Brief:
    """The same where `ACTION` was asked before. Raises `UnknownActionError`."""
    row = found.first
    if row is None:
        raise UnknownActionError("there is no such action")
    lead = load_state(row.lead_state) if row.lead_state else Lead(str(row.lead_id))
    about, owner = str(row.payload.get("about", "")), row.payload.get("owner")
    hand_off, clock = _subject(lead, row.template, about)
    life = Life(lead, shelf)
    roles = [str(role) for role in row.payload.get("to", [])]
    owner_now = hand_off.owner if hand_off else None
    proof: Proof | None = None
    if row.template == "retraction":
        asked = ask_proof(pipeline, row.lead_id, clock)
        await pipeline.flush()
        proof = proof_of(asked)
    was = row.payload.get("was")
    also = (owner, owner_now, was, proof.by if proof else None)
    corrected = ask_corrected(pipeline, row)
    roster = await read_roster(pipeline, roles, at, also=also, team=hand_off.team if hand_off else None)
    hearers, unresolved = resolve(roster, roles)
    return Brief(
        action_id=row.action_id,
        lead_id=row.lead_id,
        template=row.template or "",
        issued_at=row.issued_at,
        prospect=_prospect(lead, row.words),
        timezone=_timezone(life, clock, _revision(shelf, clock, hand_off, at)),
        hearers=tuple(hearers),
        told=tuple(row.payload.get("told", [])),
        unresolved=unresolved,
        promise=_promise(clock),
        coming=coming_up(life, clock, hand_off, max(at, row.issued_at)),
        owner=owner,
        owner_name=roster.name_of(owner),
        owner_now=owner_now,
        owner_now_name=roster.name_of(owner_now),
        owner_was_name=roster.name_of(was),
        team_name=_team_name(roster, hand_off),
        corrected=corrected_of(corrected),
        proof=_named(roster, proof),
        list=row.payload.get("list"),
    )


def _subject(lead: Lead, template: str | None, about: str) -> tuple[HandOff | None, Clock | None]:
    """The hand-off and the clock a notice is about; of a hand-off, the running clock that is due first.

    Who has the lead now is its hand-off's owner, whoever owed the promise when it began.
    """
    if template == "feedback_asked":
        about = f"{ClockName.FEEDBACK}:{about}"  # of a hand-off that has ended, beside what may run since
    clock = _clock(lead, about)
    name = clock.hand_off if clock else standing_name(lead, about)
    hand_off = next((h for h in lead.hand_offs if h.id == name), lead.last_hand_off)
    if clock is None and hand_off is not None:
        running = [c for c in lead.running() if c.hand_off == hand_off.id]
        clock = min(running, key=lambda c: c.due_at, default=None)
    return hand_off, clock


def _clock(lead: Lead, about: str) -> Clock | None:
    if about in lead.clocks:
        return lead.clocks[about]
    return lead.clocks.get(standing_key(lead, about)) if is_clock_key(about) else None


def _promise(clock: Clock | None) -> PromiseBrief | None:
    if clock is None:
        return None
    outcome = str(clock.outcome) if clock.outcome else None
    return PromiseBrief(
        clock=str(clock.clock), due_at=clock.due_at, ended_at=clock.ended_at, outcome=outcome, why=clock.why
    )


def _revision(shelf: Shelf, clock: Clock | None, hand_off: HandOff | None, at: datetime) -> Revision:
    if clock is not None:
        return shelf.number(clock.revision)
    return shelf.number(hand_off.revision) if hand_off is not None else shelf.in_force(at)


def _timezone(life: Life, clock: Clock | None, revision: Revision) -> str:
    calendar = binding_term(life, clock).calendar if clock is not None else None
    return revision.playbook.calendars[calendar or revision.playbook.calendar].timezone


def _prospect(lead: Lead, words: str | None) -> Prospect:
    profile = {name: value for name, value in lead.profile.items() if isinstance(value, str)}
    return Prospect(
        name=profile.get("name"),
        company=profile.get("company") or profile.get("domain"),
        email=profile.get("email"),
        phone=profile.get("phone"),
        source=profile.get("source") or lead.source_original,
        campaign=profile.get("campaign"),
        captured_at=lead.captured_at,
        raised_hand=lead.raised_hand,
        raised_at=lead.raised_at,
        words=words,
    )


def _named(roster: Roster, proof: Proof | None) -> Proof | None:
    if proof is None:
        return None
    return Proof(at=proof.at, heard_at=proof.heard_at, channel=proof.channel, by=roster.name_of(proof.by))


def _team_name(roster: Roster, hand_off: HandOff | None) -> str | None:
    if hand_off is None:
        return None
    team = roster.teams.get(hand_off.team)
    return team.name if team else hand_off.team
