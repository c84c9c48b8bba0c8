"""All tables of Leadloop, in one metadata."""

from storage.tables.accounts import accounts, company_leads
from storage.tables.base import metadata
from storage.tables.books import identities, journal, mailboxes, receipts
from storage.tables.desk import (
    absences,
    api_keys,
    people,
    playbook_revisions,
    playbook_rollouts,
    roster_changes,
    team_members,
    teams,
)
from storage.tables.hand_offs import hand_offs, turns
from storage.tables.leaks import leaks_left
from storage.tables.lists import list_leads, lists
from storage.tables.lives import actions, clocks, commands, lead_states, leads, timeline
from storage.tables.post import letters
from storage.tables.tallies import tallies, tally_cursors, tally_labels, tally_queue

__all__ = [
    "absences",
    "accounts",
    "actions",
    "api_keys",
    "clocks",
    "commands",
    "company_leads",
    "hand_offs",
    "identities",
    "journal",
    "lead_states",
    "leads",
    "leaks_left",
    "letters",
    "list_leads",
    "lists",
    "mailboxes",
    "metadata",
    "people",
    "playbook_revisions",
    "playbook_rollouts",
    "receipts",
    "roster_changes",
    "tallies",
    "tally_cursors",
    "tally_labels",
    "tally_queue",
    "team_members",
    "teams",
    "timeline",
    "turns",
]
