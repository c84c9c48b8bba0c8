"""What one playbook says otherwise than another, in lines that a person reads."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from leads.playbook import Playbook
from leads.playbook_diff import differences
from leads.telling.changes import line_of
from tests.leads.test_playbook import DEFAULT, Document, changed, document


def lines(change: Callable[[Document], Any]) -> list[str]:
    return [line_of(found) for found in differences(DEFAULT, Playbook.model_validate(changed(change)))]


VIP = {
    "name": "vip", "team": "sales", "when": {"field": "score", "op": "gt", "value": 80},
    "promises": {"first_touch": {"target": "PT1H"}}, "ignored_after": {"target": "PT9H"},
}  # fmt: skip


NOW_VIP = (
    "segment vip: added {promises: {first_touch: {target: PT1H}}, ignored_after: {target: PT9H}, name: vip, when: the "
    "score is above 80, team: sales}"
)
WAS_EVENT = (
    "segment event: removed, was {promises: {assign: {target: PT9H, ladder: waiting}, first_touch: {target: PT18H, "
    "ladder: normal}, effort: {target: PT135H, ladder: gentle, attempts: 6, channels: 2, max_gap: PT27H}, next_step: "
    "{targ…"
)
"""What is long is cut."""
WAS_KNOWN = (
    "segment known, when: the account type is customer, the account open opportunity owner is known or the relation is "
    "customer or open opportunity → the source is web site"
)
"""A condition is told whole."""


def in_other_order(d: Document) -> None:
    d["segments"].insert(0, d["segments"].pop(1))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda d: d["segments"][1]["promises"]["first_touch"].update(target="PT10M"),
            ["segment hot, first_touch, target: PT15M → PT10M"],
        ),
        (
            lambda d: d["segments"][1]["promises"].update(accept={"target": "PT1H", "ladder": "gentle"}),
            ["segment hot, accept: added {target: PT1H, ladder: gentle}"],
        ),
        (
            lambda d: d["segments"][2]["promises"].pop("accept"),
            ["segment named, accept: removed, was {target: PT4H, ladder: gentle}"],
        ),
        (in_other_order, ["segments, order: known, hot, named, event, normal → hot, known, named, event, normal"]),
        (
            lambda d: d["segments"].pop(3),
            [
                WAS_EVENT,
                "segments, order: known, hot, named, event, normal → known, hot, named, normal",
            ],
        ),
        (
            lambda d: d["segments"].insert(0, VIP),
            [
                NOW_VIP,
                "segments, order: known, hot, named, event, normal → vip, known, hot, named, event, normal",
            ],
        ),
        (
            lambda d: d["segments"][0].update(when={"field": "source", "op": "eq", "value": "web_site"}),
            [WAS_KNOWN],
        ),
        (lambda d: d["ladders"]["hot"][3].update(max_hops=3), ["ladder hot, move, max_hops: 2 → 3"]),
        (lambda d: d["ladders"]["hot"].reverse(), []),  # rungs go by the time they stand at
        (
            lambda d: d["calendars"]["office"].update(holidays=["2026-12-25", {"country": "DE"}]),
            ["calendar office, holidays: added [2026-12-25, {country: DE}]"],
        ),
        (
            lambda d: d["real_touch"].update(channels=["call", "email", "meeting", "message", "visit"]),
            ["real_touch, channels: removed other"],
        ),
        (lambda d: d["real_touch"]["channels"].reverse(), []),  # a set
        (lambda d: d["notices"].pop("quiet"), ["notices, quiet: removed, was [20:00, 08:00]"]),
        (lambda d: d.update(snooze_before_touch=True), ["snooze_before_touch: false → true"]),
        (lambda d: d.pop("waiving"), []),  # a default that was written out
        (lambda d: d["ladders"]["gentle"][0].update(max_hops=2), []),
    ],
)
def test_each_change_is_a_line(change: Callable[[Document], Any], told: list[str]) -> None:
    assert lines(change) == told


def without(value: Any, path: tuple[Any, ...]) -> Any:
    """A document that lacks one place."""
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = without(copy[path[0]], path[1:])
    return copy


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(child, (*path, key))


def test_whatever_is_taken_away_is_a_change_unless_it_went_without_saying() -> None:
    tried = 0
    for path in places(document()):
        try:
            other = Playbook.model_validate(without(document(), path))
        except ValidationError:
            continue
        tried += 1
        assert bool(differences(DEFAULT, other)) is (other != DEFAULT), path
    assert tried > 200


def test_changes_name_places_by_names_and_hold_both_values() -> None:
    (found,) = differences(DEFAULT, Playbook.model_validate(changed(lambda d: d["evidence"].update(lag="PT5M"))))
    assert (found.path, found.kind, found.old, found.new) == (("evidence", "lag"), "changed", "PT2M", "PT5M")
