"""The playbook as it holds for one team: each value once, with where it comes from."""

from copy import deepcopy
from typing import Any

from leads.playbook import Playbook
from leads.playbook_effective import Origin, Value, effective
from tests.leads.test_override_refusals import DEFAULT, overriding

REPLY = ("segments", "hot", "promises", "reply")


def book(**own: Any) -> Playbook:
    d = deepcopy(DEFAULT)
    overriding({"target": "PT10M", "warn_at": {"half": "40%"}})(d)
    d["teams"]["sales"] |= own
    return Playbook.model_validate(d)


def of(playbook: Playbook, team: str) -> dict[tuple[str, ...], Value]:
    values = effective(playbook, team)
    found = {value.path: value for value in values}
    assert len(found) == len(values)
    return found


def test_an_override_stands_in_the_place_of_what_it_overrides_and_says_what_holds_for_all() -> None:
    found = of(book(), "sales")
    home = ("segments", "hot", "promises", "first_touch")

    assert found[*home, "target"] == Value((*home, "target"), "PT10M", Origin.TEAM, "PT15M")
    assert found[*home, "warn_at", "half"] == Value((*home, "warn_at", "half"), "40%", Origin.TEAM, "50%")
    assert found[*home, "ladder"] == Value((*home, "ladder"), "hot", Origin.REVISION)
    paths = [*found]
    assert paths.index((*home, "warn_at", "half")) < paths.index((*("segments", "hot", "promises", "effort"), "target"))


def test_another_team_has_what_all_have() -> None:
    found = of(book(), "closers")
    assert Origin.TEAM not in {value.origin for value in found.values()}
    assert found["segments", "hot", "promises", "first_touch", "target"].value == "PT15M"


def test_mode_and_calendar_are_its_own_or_those_of_all() -> None:
    own = of(book(mode="shadow"), "sales")

    assert own["team", "mode"] == Value(("team", "mode"), "shadow", Origin.TEAM, "full")
    assert own["team", "calendar"] == Value(("team", "calendar"), "office", Origin.REVISION)
    assert [path for path in own if path[0] in ("teams", "mode", "playbook")] == []


def test_what_nobody_wrote_is_a_default() -> None:
    found = of(book(), "sales")
    assert found[*REPLY, "target"].origin is Origin.REVISION
    assert found[*REPLY, "time"] == Value((*REPLY, "time"), "working", Origin.DEFAULT)
    assert found["waiving", "also"].origin is Origin.REVISION  # written, though empty
    assert ("segments", "hot", "promises", "reply", "max_gap") not in found  # nothing, and by default


def test_a_condition_is_one_value() -> None:
    found = of(book(), "sales")
    assert found["segments", "hot", "when"].value == {"field": "raised_hand", "op": "present"}
    assert set(found["calendars", "office"].value) >= {"timezone", "weekly"}


def test_a_stage_limit_and_a_hand_off_are_overridden_at_their_places() -> None:
    d = deepcopy(DEFAULT)
    d["stages"]["accepted"]["overridable"] = True
    d["hand_offs"]["rep_to_closer"]["promises"]["accept"]["overridable"] = True
    d["teams"] = {
        "closers": {
            "overrides": {
                "stages": {"accepted": {"target": "PT4H"}},
                "hand_offs": {"rep_to_closer": {"accept": {"target": "PT2H"}}},
            }
        }
    }
    found = of(Playbook.model_validate(d), "closers")

    assert {path: (value.value, value.of_all) for path, value in found.items() if value.origin is Origin.TEAM} == {
        ("stages", "accepted", "target"): ("PT4H", "PT9H"),
        ("hand_offs", "rep_to_closer", "promises", "accept", "target"): ("PT2H", "PT8H"),
    }
