"""The page of lives is what the code prints."""

import pytest

from docs.print_lives import LIVES, printed
from tests.docs.documents import read
from tests.scripts import SCRIPTS, Script


def test_printing_again_changes_nothing() -> None:
    assert read(LIVES) == printed(), "run python -m docs.print_lives"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.title)
def test_every_refusal_and_every_look_is_on_the_page(script: Script) -> None:
    story = read(LIVES).partition(f"## {script.title}\n")[2].partition("\n## ")[0]

    assert story.count("why?**") == len(script.looks)
    assert story.count("refused:**") == sum(beat.is_refused for beat in script.beats)
