import pytest

from leads.roster import circle

MANAGERS = {"ana": "bo", "bo": "cleo", "cleo": None, "x": "y", "y": "z", "z": "y"}


@pytest.mark.parametrize(
    ("person", "change", "way"),
    [
        ("ana", {}, []),
        ("cleo", {"cleo": "ana"}, ["cleo", "ana", "bo"]),
        ("bo", {"cleo": "ana"}, ["bo", "cleo", "ana"]),
        ("ana", {"ana": "ana"}, ["ana"]),
        ("x", {}, []),  # below a circle, and no part of it
        ("y", {}, ["y", "z"]),
        ("new", {"new": "nobody"}, []),
    ],
)
def test_managers_that_go_round_are_found(person: str, change: dict[str, str], way: list[str]) -> None:
    assert circle(person, {**MANAGERS, **change}) == way
