import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from leads.roster_file import MOST_ROWS, RosterFileError, read_roster_file
from storage.roster_changes import Changes
from storage.roster_import import Imported, RosterImport
from tests.storage.roster_desk import BY, Roster

GOOD = """person_id,name,email,manager,skills,max_open_leads,teams
ana,Ana,ana@example.com,mira,de; fr,40,sales=2
mira,Mira,mira@example.com,,,,
"""


async def take(engine: AsyncEngine, text: str, *, partial: bool = False, dry_run: bool = False) -> Imported:
    return await RosterImport(engine).people(read_roster_file(text.encode()), partial=partial, dry_run=dry_run, by=BY)


def outcomes(done: Imported) -> list[tuple[int, str]]:
    return [(row.line, str(row.outcome)) for row in done.rows]


async def test_a_file_is_taken_whole_and_again_changes_nothing(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    await roster.team("sales")

    first = await take(engine, GOOD)
    again = await take(engine, GOOD)

    assert (outcomes(first), first.is_applied) == ([(2, "added"), (3, "added")], True)
    assert outcomes(again) == [(2, "unchanged"), (3, "unchanged")]
    kept = await roster.people.get("ana")
    assert kept is not None
    assert (kept.entry.manager, kept.entry.skills, kept.entry.max_open_leads) == ("mira", ("de", "fr"), 40)
    team = await roster.teams.get("sales")
    assert team is not None
    assert [(member.person, member.weight) for member in team.entry.members] == [("ana", 2)]
    assert len(await Changes(engine).list()) == 1 + 3  # the team was added, then two people and its members


async def test_a_column_left_out_leaves_its_field_and_an_empty_cell_empties_it(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    await roster.team("sales")
    await take(engine, GOOD)

    done = await take(engine, "person_id,manager,teams\nana,,\n")

    assert outcomes(done) == [(2, "changed")]
    kept = await roster.people.get("ana")
    assert kept is not None
    assert (kept.entry.manager, kept.entry.skills) == (None, ("de", "fr"))
    assert await roster.teams.list(member="ana") == []


BAD = """person_id,name,email,manager,max_open_leads,teams
ana,Ana,ana@example.com,bo,,
bo,Bo,bo at example,,,
cleo,Cleo,cleo@example.com,nobody,many,moon
x,X,x@example.com,y,,
y,Y,y@example.com,x,,
ana,Ana,ana@example.com,,,
dora,,dora@example.com,,,
a b,A,a@example.com,,,
eve,Eve
fine,Fine,fine@example.com,,,sales=3
"""


async def test_rows_that_do_not_fit_are_refused_each_with_its_line_and_reasons(engine: AsyncEngine) -> None:
    await Roster(engine).team("sales")

    whole = await take(engine, BAD)
    parts = await take(engine, BAD, partial=True)

    reasons = {row.line: row.reasons for row in whole.rows if row.reasons}
    assert reasons[2] == ("manager: 'bo' is refused on line 3",)
    assert reasons[3][0].startswith("email: ")
    assert reasons[4] == ("max_open_leads: write a whole number, or leave it empty for no limit",)
    assert reasons[5] == ("manager: managers would go round in a circle: x → y → x",)
    assert reasons[6] == ("manager: managers would go round in a circle: y → x → y",)
    assert reasons[7] == ("person_id: line 2 has this person already",)
    assert reasons[8] == ("name: must not be empty",)
    assert reasons[9][0].startswith("person_id: ")
    assert reasons[10] == ("has 2 fields where the header has 6",)
    assert (set(reasons), whole.is_applied) == (set(range(2, 11)), False)
    assert parts.is_applied
    assert [kept.name for kept in await Roster(engine).people.list()] == ["fine"]


async def test_teams_nobody_knows_weights_and_calendars_are_checked(engine: AsyncEngine) -> None:
    await Roster(engine).team("sales")
    text = (
        "person_id,name,email,calendar,teams\n"
        "a,A,a@example.com,,moon\n"
        "b,B,b@example.com,,sales=0\n"
        'c,C,c@example.com,"{""timezone"": ""UTC"", ""weekly"": {}}",\n'
        "d,D,d@example.com,{,\n"
        'e,E,e@example.com,"{""timezone"": ""UTC"", ""weekly"": {""mon"": [[""09:00"", ""17:00""]]}}",sales\n'
    )

    done = await take(engine, text)

    assert [row.reasons[0].split(":")[0] if row.reasons else None for row in done.rows] == [
        *("teams", "teams", "calendar", "calendar", None)
    ]


async def test_a_dry_run_says_the_same_and_writes_nothing(engine: AsyncEngine) -> None:
    await Roster(engine).team("sales")

    done = await take(engine, GOOD, dry_run=True)

    assert (outcomes(done), done.is_applied) == ([(2, "added"), (3, "added")], False)
    assert await Roster(engine).people.list() == []


async def test_a_team_of_the_playbook_that_is_left_empty_is_said(engine: AsyncEngine) -> None:
    roster = Roster(engine)
    await roster.playbook()
    await roster.person("ana")
    await roster.team("sales", "ana")

    [warning] = (await take(engine, "person_id,is_active\nana,no\n")).warnings

    assert warning.startswith("Nobody active is left in the team 'sales'")


async def test_who_hangs_on_a_refused_row_is_refused_however_long_the_line(engine: AsyncEngine) -> None:
    lines = [f"p{number},P,p{number}@example.com,p{number + 1}" for number in range(1_000)]
    text = "\n".join(["person_id,name,email,manager", *lines, "p1000,P,no address,"])

    done = await take(engine, text, partial=True)

    assert {str(row.outcome) for row in done.rows} == {"refused"}
    assert done.rows[0].reasons == ("manager: 'p1' is refused on line 3",)


async def test_who_is_in_a_circle_that_another_row_made_is_taken(engine: AsyncEngine) -> None:
    await take(engine, "person_id,name,email,manager\nana,A,a@example.com,bo\nbo,B,b@example.com,\n")

    done = await take(engine, "person_id,manager\nana,bo\nbo,ana\n", partial=True)

    assert outcomes(done) == [(2, "unchanged"), (3, "refused")]


async def test_thousands_of_people_are_taken_in_one_go(engine: AsyncEngine) -> None:
    lines = [f"p{number},P {number},p{number}@example.com,p0" for number in range(1, 2_000)]
    text = "\n".join(["person_id,name,email,manager", "p0,P,p0@example.com,", *lines])

    done = await take(engine, text)

    assert {str(row.outcome) for row in done.rows} == {"added"}
    assert len(await Roster(engine).people.list(limit=5_000)) == 2_000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "person_id among them"),
        (b"name\nAna\n", "person_id among them"),
        (b"person_id,salary\nana,1\n", "no column 'salary'"),
        (b"person_id,name,name\n", "same name"),
        (b"person_id\n\xff\n", "not UTF-8"),
        (b'person_id\n"ana\n', "no CSV"),
        (b"person_id\n" + b"a\n" * (MOST_ROWS + 1), "at most 5,000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content: bytes, reason: str) -> None:
    with pytest.raises(RosterFileError, match=reason):
        read_roster_file(content)
