"""Publishing over the API's store: whom a playbook names must be in the roster; two at once; there and back."""

import asyncio

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.playbook_store import NoSuchRevisionError, PlaybookStore
from storage.playbooks import OvertakenError, PlaybookError, default_text
from storage.roster import Person, upsert_person
from storage.starter_roster import seed_starter
from storage.tables import playbook_revisions
from tests.storage.new_events import NOON


async def test_a_segment_whose_team_nobody_knows_is_a_fault_and_nothing_is_published(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await seed_starter(connection)
    store = PlaybookStore(engine)
    before = await store.revisions(before=None, limit=200)

    with pytest.raises(PlaybookError) as refusal:
        await store.publish(default_text().replace("team: sales", "team: marz", 1), author="a", comment="c", now=NOON)

    assert refusal.value.lines == ("line 31, segments.0.team: there is no team 'marz' in the roster",)
    assert await store.revisions(before=None, limit=200) == before


async def test_the_default_playbook_fits_the_starter_roster(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await seed_starter(connection)

    made = await PlaybookStore(engine).publish(default_text(), author="a", comment="c", now=NOON)

    assert made.comment == "c"


async def published(engine: AsyncEngine) -> tuple[PlaybookStore, int]:
    """The store, and its newest revision, which is the default playbook."""
    async with engine.begin() as connection:
        await seed_starter(connection)
    store = PlaybookStore(engine)
    made = await store.publish(default_text(), author="a", comment="c", now=NOON)
    return store, made.number


QUICKER = default_text().replace("first_touch: {target: PT15M,", "first_touch: {target: PT10M,")


async def test_of_many_who_publish_onto_one_revision_at_once_one_gets_through(engine: AsyncEngine) -> None:
    store, base = await published(engine)

    done = await asyncio.gather(
        *(store.publish(QUICKER, author=f"a{n}", comment="c", now=NOON, onto=base) for n in range(4)),
        return_exceptions=True,
    )

    overtaken = [each for each in done if isinstance(each, OvertakenError)]
    assert (len(overtaken), {each.newest for each in overtaken}) == (3, {base + 1})
    assert await store.newest() == base + 1


async def test_a_rollback_repeats_an_earlier_revision_and_both_are_compared_as_written(engine: AsyncEngine) -> None:
    store, base = await published(engine)
    await store.publish(
        QUICKER.replace("holidays: []", 'holidays: [{country: "DE"}]'), author="a", comment="c", now=NOON
    )

    back = await store.roll_back(base, author="mira", comment="too quick", now=NOON, onto=base + 1)

    assert (back.number, back.author, back.repeats) == (base + 2, "mira", base)
    # the country, not its days
    assert [(change.path[-1], change.old, change.new) for change in await store.changes(base, base + 1)] == [
        ("holidays", None, [{"country": "DE"}]),
        ("target", "PT15M", "PT10M"),
    ]
    assert await store.changes(base, base + 2) == []
    with pytest.raises(NoSuchRevisionError):
        await store.roll_back(base + 9, author="mira", comment="x", now=NOON)


async def test_what_an_earlier_version_took_is_still_compared(engine: AsyncEngine) -> None:
    store, base = await published(engine)
    async with engine.begin() as connection:
        # a key that has gone from the playbook since
        kept = update(playbook_revisions).where(playbook_revisions.c.number == base)
        await connection.execute(kept.values(source_text=default_text() + "pigeons: 3\n"))

    assert [change.path[-1] for change in await store.changes_of(QUICKER, base)] == ["target"]


async def test_a_person_who_has_left_cannot_be_named(engine: AsyncEngine) -> None:
    store, _ = await published(engine)
    async with engine.begin() as connection:
        await upsert_person(connection, Person(person_id="lea", name="L", email="l@example.com", is_active=False))
    names = default_text().replace("{also: []}", "{also: [mira, lea]}")

    with pytest.raises(PlaybookError) as refusal:
        await store.checked(names, NOON)

    assert [(fault.path, fault.reason) for fault in refusal.value.faults] == [
        ("waiving.also.1", "there is no person 'lea' in the roster")
    ]
