"""How a row becomes events, and how a mapping that cannot be used is refused."""

from pathlib import Path
from typing import Any

import pytest

from tests.workers.importing import CAPTURED, QUALIFIED, WON, mapping, row
from workers.importing.mapping import MappingError, RowError, load_mapping, read_time


def events(cells: dict[str, str], *given: dict[str, Any], backfill: bool = False, **more: Any) -> list[dict[str, Any]]:
    return list(mapping(*given, **more).events_of(cells, backfill=backfill))


def data(field: Any, **cells: str) -> Any:
    """The data of one event with the field `x` mapped so."""
    [made] = events(row(1, **cells), CAPTURED | {"data": {"x": field}})
    return made["data"].get("x", "left out")


def test_one_row_gives_every_event_whose_condition_holds() -> None:
    assert [event["type"] for event in events(row(1))] == ["lead.captured", "lead.qualified"]
    assert [event["type"] for event in events(row(4))] == ["lead.captured", "lead.qualified", "lead.won"]


def test_a_condition_may_name_the_words_that_hold() -> None:
    lost = {"type": "lead.lost", "when": {"column": "status", "in": ["Closed Lost"]}, "time": {"column": "at"}}
    assert [event["type"] for event in events(row(1, status="Closed Lost"), lost)] == ["lead.lost"]
    assert events(row(1, status="closed"), lost) == []


def test_events_carry_ids_of_their_own_the_sender_s_name_and_the_mark_of_history() -> None:
    captured, qualified = events(row(1), CAPTURED, QUALIFIED, system="hubspot", backfill=True)
    assert (captured["id"], qualified["id"]) == ("L1/lead.captured/0", "L1/lead.qualified/1")
    assert {event["subject"] for event in (captured, qualified)} == {"L1"}
    assert (captured["source"], captured["leadsystem"], captured["leadbackfill"]) == ("crm", "hubspot", True)
    assert "leadbackfill" not in events(row(1))[0]


def test_an_id_may_be_a_template_of_columns() -> None:
    [made] = events(row(1), CAPTURED | {"id": "{origin}:{id}"})
    assert made["id"] == "paid:L1"


@pytest.mark.parametrize(
    ("field", "cells", "expected"),
    [
        ({"column": "v"}, {"v": " text "}, "text"),
        ({"column": "v"}, {"v": ""}, "left out"),
        ({"column": "v"}, {}, "left out"),
        ({"column": "v", "default": "none"}, {"v": " "}, "none"),
        ({"constant": "always"}, {}, "always"),
        ("always", {}, "always"),
        (7, {}, 7),
        ({"column": "v", "map": {"PPC": "paid_search"}}, {"v": "PPC"}, "paid_search"),
        ({"column": "v", "map": {"PPC": "paid_search"}}, {"v": "SEO"}, "SEO"),
        ({"column": "v", "map": {"": "direct"}, "default": "unused"}, {"v": ""}, "direct"),
        ({"column": "v", "map": {"yes": True, "no": False}}, {"v": "no"}, False),
        ({"column": "v", "number": True}, {"v": "42"}, 42),
        ({"column": "v", "number": True}, {"v": "-1.5"}, -1.5),
        ({"template": "{first} {last}"}, {"first": "Ada", "last": "Lovelace"}, "Ada Lovelace"),
        ({"column": "v", "time": ["%d.%m.%Y"]}, {"v": "24.12.2026"}, "2026-12-24T00:00:00+00:00"),
    ],
)
def test_a_value_comes_from_a_column_a_template_or_is_constant(
    field: Any, cells: dict[str, str], expected: Any
) -> None:
    assert data(field, **cells) == expected


def test_a_name_with_a_dot_becomes_a_member() -> None:
    made = events(row(1), CAPTURED | {"data": {"attributes.size": {"column": "origin"}, "attributes.tier": "a"}})
    assert made[0]["data"] == {"attributes": {"size": "paid", "tier": "a"}}


@pytest.mark.parametrize(
    ("text", "formats", "zone", "expected"),
    [
        ("2026-07-01", ("iso",), "UTC", "2026-07-01T00:00:00+00:00"),
        ("2026-07-01T10:00:00Z", ("iso",), "Europe/Berlin", "2026-07-01T10:00:00+00:00"),
        ("2026-07-01 10:00", ("iso",), "Europe/Berlin", "2026-07-01T10:00:00+02:00"),
        ("2026-01-01 10:00", ("iso",), "Europe/Berlin", "2026-01-01T10:00:00+01:00"),
        ("01/07/2026", ("%d/%m/%Y",), "America/Sao_Paulo", "2026-07-01T00:00:00-03:00"),
        ("07/2026", ("iso", "%d/%m/%Y", "%m/%Y"), "UTC", "2026-07-01T00:00:00+00:00"),
        ("2026-07-01 10:00 +0530", ("%Y-%m-%d %H:%M %z",), "UTC", "2026-07-01T10:00:00+05:30"),
    ],
)
def test_a_time_without_an_offset_is_read_in_its_zone(
    text: str, formats: tuple[str, ...], zone: str, expected: str
) -> None:
    assert read_time(text, formats, zone).isoformat() == expected


def test_an_event_may_have_a_zone_of_its_own() -> None:
    local = CAPTURED | {"time": {"column": "at", "timezone": "Asia/Tokyo"}}
    first, second = events(row(1, at="2026-07-01"), local, QUALIFIED, timezone="Europe/Berlin")
    assert (first["time"], second["time"]) == ("2026-07-01T00:00:00+09:00", "2026-07-01T00:00:00+02:00")


@pytest.mark.parametrize(
    ("cells", "event", "reason"),
    [
        ({"id": " "}, CAPTURED, "the subject is empty"),
        ({"at": ""}, CAPTURED, "lead.captured: at is empty"),
        ({"at": "soon"}, CAPTURED, "'soon' fits none of the time formats iso"),
        ({"won": "2026-02-30"}, WON, "fits none"),
        ({}, CAPTURED | {"data": {"x": {"column": "origin", "number": True}}}, "'paid' is no number"),
        ({"v": "nan"}, CAPTURED | {"data": {"x": {"column": "v", "number": True}}}, "'nan' is no number"),
        ({"v": "9" * 5000}, CAPTURED | {"data": {"x": {"column": "v", "number": True}}}, "is no number"),
        ({}, CAPTURED | {"data": {"x": {"template": "{gone}"}}}, "names the column 'gone'"),
    ],
)
def test_a_row_that_cannot_become_events_says_why(cells: dict[str, str], event: dict[str, Any], reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        events(row(1, **cells), event)


WELL = "subject: {column: id}\nevents: [{type: lead.won, time: {column: at}}]"
EVENT = "source: crm\nsubject: {{column: id}}\nevents: [{{type: lead.won, time: {{column: at}}, data: {{{}}}}}]"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "mapping: "),
        ("source: [", "not YAML: "),
        ("source: crm\nsubject: {column: id}\nevents: []", "events: "),
        ("source: crm\nsubject: {}\nevents: [{type: lead.won, time: {column: at}}]", "exactly one of"),
        ("source: crm\nsubject: {column: id}\nevents: [{type: lead.bought, time: {column: at}}]", "unknown type"),
        ("source: crm\nsubject: {column: id}\nevents: [{type: lead.won}]", "events.0.time: "),
        ("source: my crm\n" + WELL, "source: source must be a URI-reference of 1 to 300 characters"),
        ("source: ''\n" + WELL, "source: "),
        ("source: " + "s" * 301 + "\n" + WELL, "source: "),
        ('source: "crm\\a"\n' + WELL, "source: "),
        ("source: crm\nsystem: ''\n" + WELL, "system: system must be a string of 1 to"),
        ('source: crm\nsystem: "a\\nb"\n' + WELL, "system: "),
        ("source: crm\nsubject: {column: id}\ntimezone: Mars\nevents: [{type: lead.won, time: {column: a}}]", "Mars"),
        ("source: &s [*s]\nsubject: {column: id}\nevents: []", "an alias stands within what it names"),
        (EVENT.format("attributes: x, attributes.size: y"), "'attributes' as a whole and 'attributes.size' as a part"),
        (EVENT.format("campaign: {constant: 2026-01-01}"), "constant"),
        (EVENT.format("campaign: {constant: .inf}"), "not finite"),
        ("source: crm\nsubject: {column: id}\nsurprise: 1\nevents: [{type: lead.won, time: {column: a}}]", "surprise"),
    ],
)
def test_a_bad_mapping_is_one_line_that_names_the_place(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    with pytest.raises(MappingError) as refused:
        load_mapping(path)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_mapping_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read: No such file"):
        load_mapping(tmp_path / "gone.yaml")


def test_the_mapping_shipped_as_an_example_can_be_used() -> None:
    example = load_mapping(Path(__file__).parents[2] / "docs" / "examples" / "olist-mapping.yaml")
    assert set(example.joins) == {"deals"}
