"""What is known of a lead: its first capture, and the latest value of every field."""

from typing import Any

from leads.entries import Entry
from leads.events import LeadCaptured, LeadLinked, Profile
from leads.in_list import enter
from leads.life import Life
from leads.moves import move
from leads.stages import Stage

MOST_ATTRIBUTES = 100
LONGEST_ATTRIBUTE = 500
"""Characters of a name or a value."""


def captured(life: Life, entry: Entry, data: LeadCaptured) -> None:
    lead = life.lead
    if lead.captured_at is None:
        lead.captured_at = entry.effective_at
        lead.source_original = data.source
        lead.backfill = entry.backfill
        enter(life, entry, data.list)
        move(life, entry, Stage.CAPTURED)
    else:
        enter(life, entry, data.list)
    updated(life, entry, data)


def updated(life: Life, _entry: Entry, data: Profile) -> None:
    """The latest value of each field wins; attributes are merged."""
    profile = life.lead.profile
    fresh = data.model_dump(exclude_none=True, exclude_defaults=True, include=set(Profile.model_fields))
    attributes = (profile.get("attributes") or {}) | _fit_attributes(fresh.pop("attributes", {}))
    profile.update(fresh)
    if attributes:
        profile["attributes"] = dict(list(attributes.items())[-MOST_ATTRIBUTES:])


def _fit_attributes(sent: dict[str, Any]) -> dict[str, Any]:
    """What conditions can ask about: short names with plain values. The rest stands in the journal only."""
    return {
        name: value
        for name, value in sent.items()
        if len(name) <= LONGEST_ATTRIBUTE
        and isinstance(value, str | int | float)
        and len(str(value)) <= LONGEST_ATTRIBUTE
    }


def linked(life: Life, _entry: Entry, data: LeadLinked) -> None:
    if data.account:
        life.lead.profile["account"] = data.account
