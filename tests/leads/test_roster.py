import pytest

from leads.roster import circles

MANAGERS = {"ana": "bo", "bo": "cleo", "cleo": None}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"cleo": "ana"}, [["ana", "bo", "cleo"]]),
        ({"ana": "ana"}, [["ana"]]),
        ({"x": "y", "y": "z", "z": "y"}, [["y", "z"]]),  # x is below it, and no part of it
        ({"cleo": "bo", "x": "y", "y": "x"}, [["bo", "cleo"], ["x", "y"]]),
        ({"new": "nobody"}, []),
    ],
)
def test_managers_that_go_round_are_found_each_circle_once(change: dict[str, str], found: list[list[str]]) -> None:
    assert circles({**MANAGERS, **change}) == found


def test_a_long_line_of_managers_takes_one_pass() -> None:
    line = {str(number): str(number + 1) for number in range(100_000)}
    assert circles(line) == []
    assert [len(circle) for circle in circles(line | {"100000": "0"})] == [100_001]
