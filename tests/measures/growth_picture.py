"""How each question grows, drawn and written: an SVG with both axes logarithmic, and a table in Markdown."""

from collections.abc import Sequence
from html import escape
from math import log10
from pathlib import Path

Shown = tuple[str, dict[int, float], dict[int, float]]
"""A question; by the number of leads its median and its 99th percentile, in milliseconds."""
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 900, 520, 60, 280, 30, 50
_COLOURS = (
    "#1b6ca8",
    "#c1440e",
    "#2d7d46",
    "#7b3f99",
    "#b8860b",
    "#006d77",
    "#9d0208",
    "#4a4e69",
    "#5f0f40",
    "#386641",
)
_HEAD = """# How each question grows

Milliseconds, medians, by the number of leads in the database; the 99th percentile at the largest; and the growth,
the largest to the smallest. Written by `python -m tests.measures`; what it means stands in
[performance](performance.md#what-grows-with-the-number-of-leads).

"""
DRAWN = (
    "list: no filter", "list: clock state overdue", "list: owner ana, stage assigned, untouched", "lead page",
    "timeline", "explain", "step: one event", "sweep: unread mail", "scrape", "ingest: a batch of 100",
)  # fmt: skip
"""One or two of a kind: the others lie beside them."""


def picture(series: Sequence[Shown]) -> str:
    drawn = [one for one in series if one[0] in DRAWN]
    sizes = sorted(drawn[0][1])
    least = 10 ** _floor(min(min(p50.values()) for _, p50, _ in drawn))
    most = 10 ** (_floor(max(max(p50.values()) for _, p50, _ in drawn)) + 1)
    across, down = (WIDTH - LEFT - RIGHT), (HEIGHT - TOP - BOTTOM)

    def x(leads: int) -> float:
        return LEFT + across * log10(leads / sizes[0]) / log10(sizes[-1] / sizes[0])

    def y(ms: float) -> float:
        return TOP + down * (1 - log10(ms / least) / log10(most / least))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="18">Milliseconds (median) by the number of leads in the database</text>',
    ]  # fmt: skip
    tick = least
    while tick <= most * 1.01:
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + across}" y1="{y(tick):.0f}" y2="{y(tick):.0f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(tick) + 4:.0f}" text-anchor="end">{tick:g}</text>')
        tick *= 10
    parts += [f'<text x="{x(size):.0f}" y="{HEIGHT - 25}" text-anchor="middle">{size:,}</text>' for size in sizes]
    names = sorted(drawn, key=lambda one: -one[1][sizes[-1]])
    for place, (name, p50, _) in enumerate(names):
        colour = _COLOURS[place % len(_COLOURS)]
        points = " ".join(f"{x(size):.1f},{y(p50[size]):.1f}" for size in sizes)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(
            f'<text x="{LEFT + across + 12}" y="{TOP + 20 + 22 * place}" fill="{colour}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _floor(value: float) -> int:
    return int(log10(value) // 1)


def write(path: str, series: Sequence[Shown]) -> None:
    """`path` without its ending; the picture and the table stand side by side."""
    Path(f"{path}.svg").write_text(picture(series), encoding="utf-8")
    Path(f"{path}.md").write_text(_HEAD + table(series), encoding="utf-8")


def table(series: Sequence[Shown]) -> str:
    sizes = sorted(series[0][1])
    head = ["question", *(f"{size:,}" for size in sizes), "p99", "growth"]
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    for name, p50, p99 in series:
        cells = [name, *(f"{p50[size]:.1f}" for size in sizes), f"{p99[sizes[-1]]:.1f}"]
        lines.append(f"| {' | '.join([*cells, f'{p50[sizes[-1]] / p50[sizes[0]]:.1f}'])} |")
    return "\n".join([*lines, ""])
