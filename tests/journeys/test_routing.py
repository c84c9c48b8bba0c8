"""A lead that comes while nobody is there waits where it is seen, and goes to whoever is back first, right then."""

from datetime import timedelta

from tests.eventually import eventually
from tests.journeys.world import World, captured_with_a_raised_hand


async def explained_owner(lead: World) -> tuple[str, list[str]]:
    """The sentence on who has it, and those on everyone who was weighed."""
    owner = (await lead.house.front.shows(f"/v1/leads/{lead.lead_id}/explain", await lead.now()))["owner"]
    return owner["sentence"], [candidate["sentence"] for candidate in owner["candidates"]]


async def test_a_lead_that_comes_while_all_are_away_goes_to_the_first_who_is_back(lead: World) -> None:
    for person, hours in (("ana", 5), ("ben", 3), ("cleo", 9)):
        await lead.is_away(person, hours=hours)
    began = await lead.now()
    await captured_with_a_raised_hand(lead)

    assert (await lead.lead()).owner is None
    sentence, candidates = await explained_owner(lead)
    assert "because nobody was free to take it. Anyone in the team may claim it." in sentence
    assert [said.partition(" until ")[0] for said in candidates] == [
        "Ana Example was absent", "Ben Example was absent", "Cleo Example was absent",
    ]  # fmt: skip
    assert [clock.outcome for clock in await lead.clocks("assign")] == [None]  # the promise to find an owner runs

    await lead.until(began + timedelta(hours=2, minutes=59))
    assert (await lead.lead()).owner is None

    await lead.until(began + timedelta(hours=3, minutes=1))

    async def is_with_ben() -> bool:
        return bool((await lead.lead()).owner == "ben")

    await eventually(is_with_ben, within_seconds=20)
    sentence, candidates = await explained_owner(lead)
    assert "Leadloop gave it out, and Ben Example was next in turn." in sentence
    assert candidates[1] == "Ben Example was chosen."
    [clock] = await lead.clocks("first_touch")
    assert clock.owner == "ben"
    assert clock.started_at - began < timedelta(hours=3, minutes=1)
