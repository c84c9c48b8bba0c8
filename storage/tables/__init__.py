"""All tables of Leadloop, in one metadata."""

from storage.tables.base import metadata
from storage.tables.books import identities, journal, mailboxes, receipts
from storage.tables.desk import absences, api_keys, people, playbook_revisions, team_members, teams
from storage.tables.lives import actions, clocks, commands, lead_states, leads, timeline

__all__ = [
    "absences",
    "actions",
    "api_keys",
    "clocks",
    "commands",
    "identities",
    "journal",
    "lead_states",
    "leads",
    "mailboxes",
    "metadata",
    "people",
    "playbook_revisions",
    "receipts",
    "team_members",
    "teams",
    "timeline",
]
