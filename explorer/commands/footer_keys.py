"""The keys in the footer: the most useful ones at the moment, as many as fit, none clipped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from explorer.commands.keys import Keys
from explorer.views.rows import Tip

_Tips = tuple[tuple[str, str], ...]
"""(label, command id) of each; the user's key map gives the key."""

_REST: Final[_Tips] = (("help", "help"), ("cmd", "console"), ("quit", "quit"))
_NEWCOMER: Final[_Tips] = (("step", "step"), ("over", "over"), ("run", "continue"))
_INSIDE: Final[_Tips] = (("step", "step"), ("back", "back"), *_NEWCOMER[1:])
_ENDED: Final[_Tips] = (("back", "back"), ("back over", "back-over"), ("start", "first"))
_WHY: Final[_Tips] = (("back", "back"), ("why", "why"))
_STUCK: Final[_Tips] = (*_WHY, ("lens", "next-view"), ("start", "first"))
_CLOSE: Final[_Tips] = (("close", "interrupt"), ("next lens", "next-view"))
_LENS: Final[_Tips] = (("step", "step"), ("back", "back"), *_CLOSE)
_ENDED_LENS: Final[_Tips] = (("back", "back"), *_CLOSE, ("start", "first"))
_BESIDE: Final[_Tips] = (("compare", "compare"), ("step", "step"), ("back", "back"), _CLOSE[0])
_STOP_SEARCH: Final = ("stop search", "interrupt")
_STOP_SWEEP: Final = ("stop measuring", "interrupt")
_READ_ON: Final = ("read on", "lesson-next")
_QUESTIONS: Final[dict[str, _Tips]] = {
    "open": (("leave it", "interrupt"), ("go past", "continue-past"), ("back", "back")),
    "verdict": (("over", "over"), ("run", "continue"), ("close", "interrupt"), ("back", "back")),
    "card": (("close", "interrupt"), ("browse", "browse"), ("back", "back"), ("start", "first")),
}
"""The keys while a question, a verdict or the card at the end is shown."""

_PANIC: Final = "panic"
_STOPPED: Final = ("blocked", "deadlock", "livelock", "unlock_order", "leak")
"""The outcomes after which threads wait or locks are left: a lens shows who has what."""

MOST_AT_80: Final = 7
"""Maximum number of keys at 80 columns."""

_RUNNING: Final[_Tips] = (
    ("stop", "interrupt"),
    ("pause", "play"),
    ("faster", "faster"),
    ("slower", "slower"),
    ("steps/moves", "unit"),
)
_ONWARDS: Final[_Tips] = (("play", "play"), ("next change", "event"))
_IN_CENTRE: Final[dict[str, _Tips]] = {
    "stage": (("map", "centre"), ("find", "page"), ("code", "panel-8"), ("tile", "right")),
    "map": (("colour", "right"), ("pages", "pages"), ("stage", "centre")),
}
_MORE: Final[_Tips] = (
    ("find", "page"),
    ("code", "panel-8"),
    ("stage/map", "centre"),
    ("thread", "next-thread"),
    ("panel", "next-panel"),
    ("zoom", "zoom"),
    ("library", "browse"),
    ("lesson", "lesson"),
    ("page back", "lesson-previous"),
    ("predict", "predict"),
    ("outline", "outline"),
    ("back over", "back-over"),
    ("last", "last"),
    ("start", "first"),
    ("mark", "mark"),
)


@dataclass(frozen=True)
class Situation:
    """What decides which keys are useful now.

    begun: whether the user has given a command; running: whether a run or playback is going; searching:
    whether a search of all schedules is; sweeping: whether an experiment is.
    outcome: the outcome of the run, at its end. centre: `stage` or `map`; lens: the lens that is seen, or "".
    zoomed: whether one panel fills the screen. field: whether a field of the page is selected. lesson,
    questions: whether the scenario has them.
    beside: whether the cursor is in one of two branches that were opened to be compared.
    page: whether the lesson is open and has a next page.
    question: `open`, `due`, `verdict` or `card`, or "" if there is none of them.
    """

    begun: bool = True
    running: bool = False
    searching: bool = False
    sweeping: bool = False
    outcome: str = ""
    centre: str = "stage"
    lens: str = ""
    zoomed: bool = False
    field: bool = False
    lesson: bool = False
    questions: bool = False
    beside: bool = False
    page: bool = False
    question: str = ""


def tips(now: Situation, width: int, keys: Keys | None = None) -> tuple[Tip, ...]:
    """Return the useful keys of the moment, most useful first, as many as fit into `width` columns.

    keys: the user's keys; by default, those of the table.
    """
    keys = keys or Keys()
    if now.running:
        return _fitting(keys, _RUNNING[: 3 if width < 60 else 5], (), width)
    first = _first(now)
    if width < 60:
        closes = (now.lens or now.zoomed) and now.question not in _QUESTIONS
        second = _CLOSE[0] if closes else _READ_ON if _READ_ON in first else first[1]
        return _fitting(keys, (first[0], second), _REST[:1], width)
    if width <= 80:
        return _fitting(keys, first, _REST[: max(MOST_AT_80 - len(first), 1)], width)
    named = {command for _, command in first}
    onwards = () if now.outcome else (*(_NEWCOMER if now.lens else ()), *_ONWARDS)
    others = (*onwards, *_IN_CENTRE.get(now.centre, ()), *_MORE)
    more: dict[str, str] = {}
    for label, command in others:
        if command not in named:
            more.setdefault(command, label)
    return _fitting(keys, (*first, *((label, command) for command, label in more.items())), _REST, width)


def _first(now: Situation) -> _Tips:
    """Return the most useful keys of a situation."""
    if now.searching:
        return (_STOP_SEARCH, *_first(replace(now, searching=False))[:3])
    if now.sweeping:
        return (_STOP_SWEEP, *_first(replace(now, sweeping=False))[:3])
    if now.question in _QUESTIONS:
        return _QUESTIONS[now.question]
    if now.question == "due":
        return (("answer", "predict"), *_first(replace(now, question="", questions=False)))
    reads = (_READ_ON,) if now.page else ()
    if now.lens == "explore" and now.beside:
        return _BESIDE
    if now.lens:
        return _ENDED_LENS if now.outcome else (*_LENS, *reads)
    if now.zoomed:
        return (*(_WHY[:1] if now.outcome else _INSIDE[:2]), ("zoom out", "interrupt"))
    if now.outcome == _PANIC:
        return (*_WHY, *_ENDED[1:])
    if now.outcome in _STOPPED:
        return _STUCK
    if now.outcome:
        return _ENDED
    if not now.begun:
        return (*_NEWCOMER, *(reads or _with("lesson", "lesson", when=now.lesson)))
    if now.field:
        return (*_INSIDE, *reads, *_with("why", "why"))
    return (*_INSIDE, *reads, *_with("predict", "predict", when=now.questions))


def _with(text: str, command: str, *, when: bool = True) -> _Tips:
    return ((text, command),) if when else ()


def _fitting(keys: Keys, first: _Tips, rest: _Tips, width: int) -> tuple[Tip, ...]:
    """Return `rest`, and before it as many of `first` as fit."""
    kept, ends = _with_keys(keys, first), _with_keys(keys, rest)
    while kept and sum(tip.columns for tip in (*kept, *ends)) > width:
        kept.pop()
    return (*kept, *ends)


def _with_keys(keys: Keys, tips: _Tips) -> list[Tip]:
    """Return the tips of the commands that have a key."""
    named = [Tip(_key(keys, command), text, command) for text, command in tips]
    return [tip for tip in named if tip.key]


def _key(keys: Keys, command: str) -> str:
    """Return a command's first key; for a move in the centre, the keys of all four directions."""
    if command != "right":
        return keys.word(command)
    words = [word for name in ("left", "right", "up", "down") if (word := keys.word(name))]
    return ("" if all(len(word) == 1 for word in words) else "/").join(words)
