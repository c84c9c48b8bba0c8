"""A turn as rows: what the core decided, in the shape the statements of a step take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import to_json, to_jsonable_python

from leads.calendar import Calendar
from leads.decisions import NoticeIssued, NoticeWithdrawn
from leads.horizon import ignored_hand_offs
from leads.life import Happening
from leads.lifecycle import Turn
from leads.state import Clock, Lead, OwnHours, dump_state
from storage.contacts import normalise_email, normalise_phone


@dataclass(frozen=True, slots=True)
class DueAction:
    """An action to be begun now, or again."""

    id: UUID
    kind: str


def hours_of(row: Any) -> OwnHours:
    """A person's hours from the row of `READ_HOURS`."""
    calendar = Calendar.model_validate(row.open_hours) if row.open_hours else None
    return OwnHours(calendar, tuple(zip(row.begins, row.ends, strict=True)))


def next_due(lead: Lead) -> Clock | None:
    """The running clock that is due first."""
    return min(lead.running(), key=lambda clock: clock.due_at, default=None)


def actions_due(
    lead_id: UUID, turn: Turn, undone: Sequence[Any], now: datetime
) -> tuple[datetime | None, list[DueAction]]:
    """When to wake, an action's retry included, and the actions to begin now."""
    withdrawn = set(withdrawn_keys(turn))
    left = [action for action in undone if action.key not in withdrawn]
    later = [action.retry_at for action in left if action.retry_at is not None and action.retry_at > now]
    due = [DueAction(a.action_id, a.kind) for a in left if a.retry_at is None or a.retry_at <= now]
    due += [DueAction(row["action_id"], "notify") for row in action_rows(lead_id, turn)]
    return min([*later, *([turn.wake_at] if turn.wake_at else [])], default=None), due


def as_json(rows: list[dict[str, Any]]) -> str:
    return to_json(rows).decode()


def timeline_rows(happenings: list[Happening]) -> list[dict[str, Any]]:
    """One row a key, the last word standing, in the order they were told."""
    by_key = {happening.key: happening for happening in happenings}
    return [
        {"place": place, "key": h.key, "at": h.at, "kind": h.kind, "data": to_jsonable_python(h.data)}
        for place, h in enumerate(by_key.values())
    ]


def action_id_of(lead_id: UUID, key: str) -> UUID:
    """Derived from the decision that issued it: a step that runs twice issues the same action."""
    return uuid5(lead_id, key)


def action_rows(lead_id: UUID, turn: Turn) -> list[dict[str, Any]]:
    return [
        {
            "action_id": action_id_of(lead_id, decision.id),
            "key": decision.id,
            "template": decision.data.template,
            "payload": decision.data.model_dump(
                mode="json", exclude={"saw", "revision", "template"}, exclude_none=True
            ),
            "issued_at": decision.effective_at,
        }
        for decision in turn.decisions
        if isinstance(decision.data, NoticeIssued)
    ]


def withdrawn_keys(turn: Turn) -> list[str]:
    return [decision.data.notice for decision in turn.decisions if isinstance(decision.data, NoticeWithdrawn)]


def standing(lead_id: UUID, turn: Turn, *, now: datetime, wake_at: datetime | None) -> dict[str, Any]:
    """The lead's state and its row in lists."""
    lead = turn.lead
    hand_off = lead.last_hand_off
    due = next_due(lead)
    ignored = next(ignored_hand_offs(lead, lead.tick or now), None)
    profile = lead.profile
    return {
        "lead_id": lead_id,
        "state": dump_state(lead).decode(),
        "rules_version": lead.rules_version,
        "tick": lead.tick,
        "own_number": lead.own_number,
        "stage": lead.stage,
        "stage_since": lead.stage_since,
        "segment": hand_off.segment if hand_off else None,
        "team": hand_off.team if hand_off else None,
        "owner": hand_off.owner if hand_off else None,
        "queue": hand_off.queue if hand_off else None,
        "source": lead.source_original,
        "is_open": lead.is_open,
        "is_counted": lead.is_counted,
        "provisional": lead.captured_at is None,
        "captured_at": lead.captured_at,
        "due_at": due.due_at if due else None,
        "due_clock": due.clock if due else None,
        "ignored_at": ignored.ignored_at if ignored else None,
        "untouched": lead.is_untouched,
        "waits_in": lead.waits_in,
        "wake_at": wake_at,
        "score": lead.score,
        "revision": hand_off.revision if hand_off else None,
        "now": now,
        "name": profile.get("name"),
        "email": profile.get("email"),
        "phone": profile.get("phone"),
        "company": profile.get("company"),
        "email_normalised": normalise_email(profile.get("email")),
        "phone_normalised": normalise_phone(profile.get("phone"), profile.get("country")),
        "read_to": lead.read_to,
    }
