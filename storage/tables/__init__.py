"""All tables of Leadloop, in one metadata."""

from storage.tables.base import metadata
from storage.tables.books import identities, journal, mailboxes, receipts
from storage.tables.desk import absences, api_keys, people, playbook_revisions, roster_changes, team_members, teams
from storage.tables.hand_offs import announced, hand_offs
from storage.tables.lives import actions, clocks, commands, lead_states, leads, timeline
from storage.tables.post import letters

__all__ = [
    "absences",
    "actions",
    "announced",
    "api_keys",
    "clocks",
    "commands",
    "hand_offs",
    "identities",
    "journal",
    "lead_states",
    "leads",
    "letters",
    "mailboxes",
    "metadata",
    "people",
    "playbook_revisions",
    "receipts",
    "roster_changes",
    "team_members",
    "teams",
    "timeline",
]
