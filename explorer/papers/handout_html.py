"""A handout as one HTML file that works offline: a slider over the moments, the picture beside the text.

Without scripts, and on paper, the moments come one after another. Every text of the scenario is escaped or
passes through `explorer.papers.prose`; the page's policy lets the browser load nothing and run only the
script that is written here.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Final

from engine import __version__
from explorer.papers.exercise import Exercise
from explorer.papers.handout import Handout, PicturedStop
from explorer.papers.prose import html_of
from explorer.papers.screen_picture import StyleSheet, write_svg
from explorer.views.safe_text import without_controls

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
{teaches}
</header>
<main>
{body}
</main>
<footer class="dim">Made by pageq {version}.</footer>
<script>{script}</script>
</body>
</html>
"""

_SLIDER: Final = """<div class="slider" role="group" aria-label="Moments of the run" hidden>
<button type="button" value="-1" aria-label="Previous moment">&#8249;</button>
<input type="range" id="moment" min="0" max="{last}" step="1" value="0" aria-label="Moment">
<button type="button" value="1" aria-label="Next moment">&#8250;</button>
<output for="moment"></output>
</div>"""


def handout_html(handout: Handout, *, key: bool) -> str:
    """Return the page; key: with the right answers and the reasons."""
    sheet = StyleSheet()
    body = "\n".join(_body(handout, sheet, key=key))
    script = _resource("handout.js")
    digest = b64encode(sha256(script.encode()).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"
    return _PAGE.format(
        policy=policy,
        title=_safe(handout.scenario.title),
        style=f"{_resource('handout.css')}{sheet.text}\n",
        teaches=html_of(handout.scenario.form.teaches),
        body=body,
        version=__version__,
        script=script,
    )


def _resource(name: str) -> str:
    return files("explorer.papers").joinpath(name).read_text(encoding="utf-8")


def _safe(text: str) -> str:
    return escape(without_controls(text))


def _body(handout: Handout, sheet: StyleSheet, *, key: bool) -> Iterator[str]:
    yield "<table>"
    for name, value in handout.facts:
        yield f'<tr><th scope="row">{_safe(name)}</th><td>{_safe(value)}</td></tr>'
    yield "</table>\n<h2>Lesson</h2>"
    yield _SLIDER.format(last=len(handout.stops) - 1)
    for number, one in enumerate(handout.stops, 1):
        yield from _moment(handout, one, number, sheet, key=key)
    for name, script in handout.scripts:
        yield f"<h2>Script of {_safe(name)}</h2>\n<pre>{_numbered(script)}</pre>"


def _numbered(script: str) -> str:
    """Return the lines of a script with their numbers: line 1 is the first one after the quotes."""
    lines = without_controls(script).removesuffix("\n").split("\n")
    return "\n".join(f'<span class="number">{n:>3}  </span>{escape(line)}' for n, line in enumerate(lines, 1))


def _moment(
    handout: Handout, one: PicturedStop, number: int, sheet: StyleSheet, *, key: bool
) -> Iterator[str]:
    caption = handout.caption(one.stop)
    yield f'<section class="moment" aria-labelledby="at-{number}">\n<div>'
    yield f'<p class="at" id="at-{number}">{caption}</p>'
    for page in one.stop.pages:
        yield html_of(page.say)
        if page.do:
            yield f'<p class="do">On the screen: {_safe(page.do)}.</p>'
    for exercise in one.stop.exercises:
        yield from _question(exercise, key=key)
    yield "</div>\n<figure>"
    yield f'<div class="picture" tabindex="0" role="group" aria-label="Picture, {caption}">'
    yield f"{write_svg(one.picture, sheet, f'line-{number}', f'The screen at {caption}')}</div>"
    yield f'<details class="as-text"><summary>The screen as text</summary><pre>{_safe(one.text)}</pre>'
    yield "</details>\n</figure>\n</section>"


def _question(exercise: Exercise, *, key: bool) -> Iterator[str]:
    yield f'<div class="question">\n<h3>Question {exercise.number}</h3>\n{html_of(exercise.ask)}'
    if exercise.choices:
        yield '<ol type="a">'
        yield from (f"<li>{_safe(choice)}</li>" for choice in exercise.choices)
        yield "</ol>"
    else:
        yield '<span class="write"></span>'
    if key:
        yield '<details class="key" open><summary>Answer</summary>'
        yield f"<p><strong>{_safe(exercise.answer)}</strong></p>\n{html_of(exercise.why)}</details>"
    yield "</div>"
