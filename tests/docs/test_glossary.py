"""The glossary draws the stage machine that the code has."""

from docs.draw_stages import BEGIN, END, ENDS, GLOSSARY, GROUPS, arrows, redrawn
from leads.stages import MOVES, Stage, is_forward
from tests.docs.documents import read


def test_drawing_again_changes_nothing() -> None:
    glossary = read(GLOSSARY)

    assert glossary.count(BEGIN) == glossary.count(END) == 1
    assert redrawn(glossary) == glossary


def test_the_picture_and_the_words_below_it_say_every_move_and_no_other() -> None:
    shown = {
        (origin, target)
        for start, end in arrows()
        for origin in GROUPS.get(start, {start})
        for target in GROUPS.get(end, {end})
    }
    said = {(o, t) for o in Stage for t in Stage if is_forward(o, t)}
    said |= {(o, t) for o in Stage for t in ENDS if o not in ENDS} | {(Stage.MERGED, Stage.ERASED)}

    assert shown | said == {(origin, target) for origin, targets in MOVES.items() for target in targets}


def test_every_stage_is_explained() -> None:
    glossary = read(GLOSSARY)
    for stage in Stage:
        assert f"**{stage}**" in glossary or f"`{stage}` (" in glossary
