"""The audit of decisions sees what the facts do not say."""

from dataclasses import replace
from datetime import timedelta

from leads.entries import Entry
from tests.builders import Story, at, captured, raised, touched
from tests.retaken import retaken


def differences(journal: list[Entry], story: Story) -> list[str]:
    return [found.difference for found in retaken("lead-1", journal, story.shelf) if found.difference]


def alarmed() -> Story:
    """Assigned, warned, breached; a touch that comes late takes the breach back."""
    story = Story(people=("ana", "ben"))
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.sleep_until(at(20))
    story.step(at(21), touched(at(10)))
    return story


def test_a_life_as_it_was_lived_comes_out_again() -> None:
    story = alarmed()

    assert differences(story.journal, story) == []
    assert sum(len(found.made) for found in retaken("lead-1", story.journal, story.shelf)) == len(
        [entry for entry in story.journal if entry.source == "leadloop"]
    )


def test_a_decision_that_was_left_out_is_missed() -> None:
    story = alarmed()
    for left_out in ("breach_announced", "notice_issued", "breach_retracted"):
        first = next(entry for entry in story.journal if entry.type == left_out)
        assert differences([entry for entry in story.journal if entry is not first], story), left_out


def test_an_alarm_too_early_is_found() -> None:
    story = alarmed()
    early = timedelta(minutes=1)
    journal = [
        replace(entry, effective_at=entry.effective_at - early) if entry.effective_at == at(15) else entry
        for entry in story.journal
    ]

    assert "breach_announced" in differences(journal, story)[0]


def test_a_lead_given_to_someone_who_had_left_is_found() -> None:
    story = alarmed()
    journal = [_of_one_who_left(entry) for entry in story.journal]

    assert "assigned" in differences(journal, story)[0]


def _of_one_who_left(entry: Entry) -> Entry:
    if entry.type != "assigned":
        return entry
    ana, ben = entry.data.candidates  # type: ignore[attr-defined]  # by type
    gone = (ana.model_copy(update={"skipped": "left"}), ben)
    return replace(entry, data=entry.data.model_copy(update={"candidates": gone}))
