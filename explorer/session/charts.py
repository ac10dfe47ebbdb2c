"""Charts and extremes: `chart free active by ticks`, `goto min free`, `goto max EXPR`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.debug.expression_curve import expression_curve, work_out
from engine.debug.series import QUANTITIES
from engine.errors import BadInput
from engine.language.expressions import compile_expression
from engine.words import plural
from explorer.session.session import Session
from explorer.views.chart import DEFAULT, MOST, Choice, Series

Motion = Iterator[None]

COMMON: Final = tuple(word for word in QUANTITIES if word.islower() and not word.startswith("v_"))
"""The words for series that messages list."""

BY: Final = ("steps", "ticks")
"""What a chart can be drawn over."""

_BY: Final = re.compile(r"(.*?)\s*\bby\s+(\S+)", re.DOTALL)
_EXTREME: Final = re.compile(r"(min|max)\b\s*(.*)", re.DOTALL)


def chart(session: Session, text: str) -> Motion:
    """Show the lens `chart` of some series; without an argument, that of the last ones.

    Errors: BadInput for something that is neither a word for a series nor an expression.
    """
    if text.strip():
        session.chart = read_choice(session, text)
    session.look_through("chart")
    for series in session.chart.series if session.chart else ():
        if series.expression is not None:
            yield from work_out(session.history, series.expression)


def read_choice(session: Session, text: str) -> Choice:
    """Read the argument of `chart`: words, or expressions between commas, then `by steps` or `by ticks`.

    Errors: BadInput as `chart`.
    """
    found = _BY.fullmatch(text.strip())
    what, by = (found[1], found[2]) if found else (text.strip(), "steps")
    if by not in BY:
        raise BadInput(f"a chart is not drawn by {by[:20]!r}; use by {' or by '.join(BY)}")
    words = what.split()
    parts = words if all(word in QUANTITIES for word in words) else _between_commas(what)
    if len(parts) > MOST:
        raise BadInput(f"these are {plural(len(parts), 'curve')}; use at most {MOST}")
    series = dict.fromkeys(parts)
    if not series:
        return Choice(session.chart.series if session.chart else DEFAULT.series, by)
    return Choice(tuple(read_series(session, part) for part in series), by)


def _between_commas(text: str) -> list[str]:
    """The parts of a text between commas that are not in brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for one in parts for part in _words_or_whole(one.strip())]


def _words_or_whole(part: str) -> list[str]:
    words = part.split()
    return words if all(word in QUANTITIES for word in words) else [part]


def read_series(session: Session, text: str) -> Series:
    """Read one series: a word of QUANTITIES, or an expression.

    Errors: BadInput as `chart`.
    """
    if text in QUANTITIES:
        return Series(text)
    try:
        return Series(text, compile_expression(text, session.names))
    except BadInput as error:
        words = ", ".join(COMMON)
        raise BadInput(
            f"{error.message}; a series is an expression, a field of vmstats, or one of: {words}"
        ) from None


# --- extremes ---------------------------------------------------------------------------------------------


def is_extreme(text: str) -> bool:
    """Whether the argument of `goto` asks for an extreme."""
    return _EXTREME.fullmatch(text.strip()) is not None


def go_to_extreme(session: Session, text: str) -> Motion:
    """Go to the first recorded step of the smallest or the largest value of a series.

    Errors: BadInput for an argument other than `min SERIES` or `max SERIES`, or a series without a value.
    """
    found = _EXTREME.fullmatch(text.strip())
    if found is None or not found[2]:
        raise BadInput("an extreme is of a series; use min free, max inactive or min EXPR")
    most, series, history = found[1] == "max", read_series(session, found[2].strip()), session.history
    if series.expression is not None:
        yield from work_out(history, series.expression)
        curve, covered = expression_curve(history, series.expression)
    else:
        curve, covered = series.curve(history)
    extreme = curve.extreme(most=most)
    if extreme is None:
        raise BadInput(f"{series.text[:60]} has no value in the recorded steps; take more steps first")
    value, step = extreme
    history.seek(step)
    what = "largest" if most else "smallest"
    more = "; the run continues after them" if history.branch.outcome is None else ""
    session.say(
        f"{series.text} is {value:,} after step {step:,}, its {what} value "
        f"in the {plural(covered, 'recorded step')}{more}"
    )
