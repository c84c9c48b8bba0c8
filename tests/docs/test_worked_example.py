"""The worked example of the architecture, played on the default playbook."""

from importlib import resources

import yaml

from leads.entries import Entry, Kind
from leads.playbook import Playbook
from tests.builders import Story, at, captured, raised, shelf, touched
from tests.docs import documents
from tests.docs.documents import ROOT, read

HEADING = "### Worked example: a touch that arrives late takes a breach back"


def default_playbook() -> Playbook:
    text = resources.files("storage").joinpath("default_playbook.yaml").read_text(encoding="utf-8")
    return Playbook.model_validate(yaml.safe_load(text))


def line(entry: Entry) -> tuple[str, str, str]:
    return (f"{entry.effective_at:%H:%M:%S}", Kind(entry.kind).name.lower(), entry.type)


def test_a_touch_that_arrives_late_takes_a_breach_back_as_the_architecture_tells_it() -> None:
    story = Story(shelf(default_playbook()))
    story.step(at(0), captured(at(0)), raised(at(0)))
    story.sleep_until(at(19))
    story.step(at(20), touched(at(12), recorded_at=at(20)))

    told = documents.rows(read(ROOT / "docs" / "architecture.md"), HEADING)

    journal = sorted(story.journal, key=lambda entry: entry.sort_key)
    assert [line(entry) for entry in journal] == [(time, kind, name.strip("`")) for time, kind, name, _ in told]
    assert set(story.outcomes().values()) == {"met"}
    assert story.lead.stage == "working"
