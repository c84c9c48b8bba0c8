"""The roster for those who keep it, in one piece."""

from sqlalchemy.ext.asyncio import AsyncEngine

from storage.roster_absences import RosterAbsences
from storage.roster_changes import Changes
from storage.roster_import import RosterImport
from storage.roster_people import RosterPeople
from storage.roster_teams import RosterTeams


class RosterStore:
    """People, teams, absences, and who changed what. Every method of theirs raises `DatabaseAwayError`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.people = RosterPeople(engine)
        self.teams = RosterTeams(engine)
        self.absences = RosterAbsences(engine)
        self.changes = Changes(engine)
        self.imports = RosterImport(engine)
