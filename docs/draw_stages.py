# ruff: noqa: INP001  (run with -m from the root; the documents are no package)
"""Draws the stage machine of the glossary from the one table of moves: `python -m docs.draw_stages`, from the root."""

from itertools import pairwise
from pathlib import Path

from leads.stages import MOVES, OPEN_STAGES, PATH, SALES_STAGES, Stage, is_forward

GLOSSARY = Path(__file__).with_name("glossary.md")
BEGIN, END = "<!-- drawn by docs/draw_stages.py -->\n", "<!-- end of the drawing -->\n"

Move = tuple[str, str]
GROUPS: dict[str, frozenset[Stage]] = {
    "open": OPEN_STAGES - {Stage.PROVISIONAL},
    "sales": SALES_STAGES,
}
"""Boxes of the picture, the wider first: an arrow to or from a box stands for one to or from every stage in it."""
ENDS = (Stage.MERGED, Stage.ERASED)


def arrows() -> list[Move]:
    """The arrows to draw. Left to the words below the picture: skipping ahead on the path, and the two ends."""
    left = {
        (origin, target)
        for origin, targets in MOVES.items()
        for target in targets
        if not is_forward(origin, target) and target not in ENDS
    }
    drawn: list[Move] = [(origin, target) for origin, target in pairwise(PATH)]
    for name, members in GROUPS.items():
        for stage in Stage:
            into, out = {(stage, member) for member in members}, {(member, stage) for member in members}
            if stage not in members and into <= left:
                drawn.append((stage, name))
                left -= into
            if stage not in members and out <= left:
                drawn.append((name, stage))
                left -= out
    return drawn + sorted(left)


def picture() -> str:
    only_open = [stage for stage in PATH if stage in GROUPS["open"] - GROUPS["sales"]]
    lines = [
        "stateDiagram-v2",
        "    state open {",
        *(f"        {stage}" for stage in only_open),
        "        state sales {",
        *(f"            {stage}" for stage in PATH if stage in GROUPS["sales"]),
        "        }",
        "    }",
        *(f"    {origin} --> {target}" for origin, target in arrows()),
    ]
    return "\n".join(["```mermaid", *lines, "```"])


def table() -> str:
    rows = [f"| `{origin}` | {_listed(targets)} |" for origin, targets in MOVES.items()]
    return "\n".join(["| from | may become |", "|---|---|", *rows])


def _listed(targets: frozenset[Stage]) -> str:
    return ", ".join(f"`{stage}`" for stage in Stage if stage in targets) or "nothing: it is gone"


def drawn() -> str:
    """The part of the glossary between the marks."""
    return f"{BEGIN}\n{picture()}\n\n{table()}\n\n{END}"


def redrawn(glossary: str) -> str:
    """The glossary with the drawing as the table of moves has it now."""
    before, _, rest = glossary.partition(BEGIN)
    return before + drawn() + rest.partition(END)[2]


if __name__ == "__main__":
    GLOSSARY.write_text(redrawn(GLOSSARY.read_text(encoding="utf-8")), encoding="utf-8")
