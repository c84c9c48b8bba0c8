"""The measurements: what a figure says, and that the cheap rows run, held to a tenth of what `make bench` asks."""

import json
from pathlib import Path

import pytest

from tests.measures import __main__ as bench
from tests.measures import decide, ingest, latency, workers
from tests.measures.figures import Figure, Pace, Row
from tests.measures.in_turns import compared

QUICK = Pace(seconds=0.3, turns=1, is_quick=True)
GENEROUS = 10


def test_with_a_baseline_the_ratio_is_held_to_the_bounds() -> None:
    slower = Figure(name="served", value=40, unit="/s", baseline=100, at_least=0.5)
    dearer = Figure(name="a year", value=3, unit="µs", baseline=1, at_most=2)

    assert (slower.ratio, slower.holds) == (0.4, False)
    assert (dearer.ratio, dearer.holds) == (3, False)
    assert Figure(name="served", value=50, unit="/s", baseline=100, at_least=0.5).holds


def test_without_a_baseline_the_value_is_held_to_the_bounds() -> None:
    assert Figure(name="an instance", value=14, unit="KiB", at_most=20).holds
    assert not Figure(name="folds", value=10, unit="/s", at_least=20, at_most=30).holds
    assert not Figure(name="folds", value=40, unit="/s", at_least=20, at_most=30).holds
    assert Figure(name="an instance", value=14, unit="KiB").ratio is None


def test_beside_a_baseline_that_did_nothing_nothing_holds() -> None:
    assert not Figure(name="served", value=40, unit="/s", baseline=0.0, at_least=0.5).holds


@pytest.mark.parametrize(
    "wrong", [["--rows"], ["--rows", "nope"], ["--turns", "0"], ["--seconds", "0"], ["--json", "nowhere/at/all.json"]]
)
def test_what_cannot_be_meant_is_refused_before_anything_is_measured(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        bench.main(wrong, ())
    assert refused.value.code == 2


def test_of_what_nothing_is_promised_nothing_holds_or_fails() -> None:
    said = Figure(name="p99", value=14, unit="ms", baseline=2).as_json()

    assert (said["ratio"], said["holds"]) == (7, None)


@pytest.mark.parametrize(("value", "code"), [(1.0, 0), (3.0, 1)])
def test_a_run_writes_its_figures_and_fails_where_one_does_not_hold(
    value: float, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def measure(pace: Pace) -> list[Figure]:
        return [Figure(name="cost", value=value, unit="ms", at_most=2, note=f"{pace.turns} turns")]

    out = tmp_path / "figures.json"
    rows = (Row(name="made", about="a row made up", measure=measure),)

    assert bench.main(["--json", str(out), "--turns", "5"], rows) == code
    written = json.loads(out.read_text("utf-8"))
    assert written["rows"]["made"][0]["note"] == "5 turns"
    assert written["machine"]["cores"] >= 1
    assert "≤ 2" in capsys.readouterr().out


@pytest.mark.parametrize("row", [decide.ROW, ingest.ROW], ids=lambda row: row.name)
async def test_the_row_runs_and_comes_within_a_tenth_of_what_is_promised(row: Row) -> None:
    figures = await row.measure(QUICK)

    assert all(figure.value > 0 for figure in figures)
    for figure in figures:
        assert figure.at_least is None or figure.held > figure.at_least / GENEROUS, figure
        assert figure.at_most is None or figure.held < figure.at_most * GENEROUS, figure


@pytest.mark.parametrize(("seconds", "holds"), [(0.05, True), (2.0, False)])
def test_events_that_wait_long_at_a_quarter_of_the_capacity_fail_the_run(seconds: float, *, holds: bool) -> None:
    calm, busy, full = (latency.told([0.05] * 98 + [seconds] * 2, share, 60) for share in latency.SHARES)

    assert [figure.holds for figure in calm] == [True, None, holds]
    assert [figure.holds for figure in busy] == [True, None, None]
    assert [figure.holds for figure in full] == [None, None, None]


@pytest.mark.parametrize(("two", "holds"), [(70.0, True), (95.0, True), (60.0, False)])
def test_a_second_worker_that_is_in_the_way_of_the_first_fails_the_run(two: float, *, holds: bool) -> None:
    assert workers.told(compared([(two, 75.0)])).holds is holds


def test_rows_have_names_of_their_own() -> None:
    names = [row.name for row in bench.ROWS]

    assert len(set(names)) == len(names)


def test_a_row_that_cannot_be_measured_fails_the_run_and_costs_the_others_nothing(tmp_path: Path) -> None:
    async def broken(pace: Pace) -> list[Figure]:
        raise RuntimeError(pace)

    async def sound(pace: Pace) -> list[Figure]:
        return [Figure(name="cost", value=pace.seconds, unit="s")]

    out = tmp_path / "figures.json"
    rows = tuple(Row(name=how.__name__, about="a row made up", measure=how) for how in (broken, sound))

    assert bench.main(["--json", str(out)], rows) == 1
    written = json.loads(out.read_text("utf-8"))["rows"]
    assert (written["broken"][0]["holds"], written["sound"][0]["name"]) == (False, "cost")
