"""A handout as Markdown, with its pictures as files in a folder beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import quote

from explorer.papers.handout import Handout, PicturedStop
from explorer.papers.prose import escaped, fenced, markdown_of
from explorer.papers.question_paper import key_markdown, question_markdown
from explorer.papers.screen_picture import write_svg_file


def picture_name(number: int) -> str:
    """Return the name of the picture of a moment, from 1."""
    return f"moment-{number:02}.svg"


def handout_pictures(handout: Handout) -> dict[str, str]:
    """Return the pictures by their names in the folder."""
    title = handout.scenario.title
    return {
        picture_name(number): write_svg_file(one.picture, f"{title}, {handout.caption(one.stop)}")
        for number, one in enumerate(handout.stops, 1)
    }


def handout_markdown(handout: Handout, folder: str, *, key: bool) -> str:
    """Return the text; folder: the name of that of the pictures. key: with a key after everything else."""
    return "".join(f"{line}\n" for line in _lines(handout, folder, key=key))


def _lines(handout: Handout, folder: str, *, key: bool) -> Iterator[str]:
    yield from (f"# {escaped(handout.scenario.title)}", "", markdown_of(handout.scenario.form.teaches), "")
    yield from ("| | |", "|---|---|")
    for name, value in handout.facts:
        yield f"| {_cell(name)} | {_cell(value)} |"
    yield from ("", "## Lesson")
    for number, one in enumerate(handout.stops, 1):
        yield from _moment(handout, one, f"{quote(os.fsencode(folder))}/{picture_name(number)}")
    for name, script in handout.scripts:
        yield from ("", f"## Script of {escaped(name)}", "", fenced(script.rstrip("\n")))
    if key:
        yield from ("", "## Key")
        for exercise in sorted(
            (exercise for one in handout.stops for exercise in one.stop.exercises), key=lambda one: one.number
        ):
            yield from ("", *key_markdown(exercise))


def _cell(text: str) -> str:
    return escaped(text).replace("|", r"\|")


def _moment(handout: Handout, one: PicturedStop, picture: str) -> Iterator[str]:
    caption = handout.caption(one.stop)
    yield from ("", f"### {caption[0].upper()}{caption[1:]}", "", f"![The screen at {caption}]({picture})")
    for page in one.stop.pages:
        yield from ("", markdown_of(page.say))
        if page.do:
            yield from ("", f"> On the screen: {escaped(page.do)}.")
    for exercise in one.stop.exercises:
        yield from ("", *question_markdown(exercise))
