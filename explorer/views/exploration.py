"""What is drawn of a state graph: the funnel of its states, and the decisions that narrow its outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Outcomes = tuple[str, ...]
"""Names of outcomes, in the order in which the exploration has them."""


@dataclass(frozen=True)
class Column:
    """The states that take at least `depth` steps of a run to reach, by the outcomes still possible."""

    depth: int
    counts: tuple[tuple[Outcomes, int], ...]


@dataclass(frozen=True)
class Branching:
    """A choice of the tree of decisions: it narrows the outcomes that are still possible.

    level: how many decisions lead to it. after: the thread that was chosen at the last of them, or "".
    step:  the first step of a run that can be this choice. before: what is possible before it.
    ways:  the threads between which there is a choice, each with the outcomes it leaves possible.
    more:  how many other states have the same choice at this place of the tree.
    """

    level: int
    after: str
    step: int
    before: Outcomes
    ways: tuple[tuple[str, Outcomes], ...]
    more: int = 0


@dataclass(frozen=True)
class Picture:
    """What is drawn of a state graph; without a graph, nothing.

    left_out: how many decisions the tree leaves out; None if it is not known how many.
    """

    funnel: tuple[Column, ...] = ()
    decisions: tuple[Branching, ...] = ()
    left_out: int | None = 0


# --- signs ------------------------------------------------------------------------------------------------

UNDECIDED: Final = "·"
"""The sign of states from which none of the outcomes was found, as in a search that was bounded."""


def signs(sets: Sequence[Outcomes], outcomes: Outcomes) -> dict[Outcomes, str]:
    """A letter for each set of possible outcomes: small for one outcome, a capital for several.

    A letter is the first one of a name that is free; if there is none, a digit.
    """
    found: dict[Outcomes, str] = {}
    for left in sorted(sets, key=lambda left: (len(left), [outcomes.index(name) for name in left])):
        if not left:
            found[left] = UNDECIDED
            continue
        text = left[0] if len(left) == 1 else "".join(name[0] for name in reversed(left)) + "".join(left)
        letters = [letter for letter in text.lower() if letter.isalpha()] + list("abcdefghijklmnopqrstuvwxyz")
        cased = [letter if len(left) == 1 else letter.upper() for letter in letters]
        taken = {sign.lower() for sign in found.values()}
        found[left] = next((sign for sign in cased if sign.lower() not in taken), str(len(found) % 10))
    return found


def short_names(outcomes: Outcomes) -> dict[str, str]:
    """Each outcome without the function of a panic, if no other outcome is then called the same."""
    kinds = [name.partition(":")[0] for name in outcomes]
    return {
        name: kind if kinds.count(kind) == 1 else name for name, kind in zip(outcomes, kinds, strict=True)
    }


def left_words(left: Outcomes, names: Mapping[str, str], *, complete: bool = True) -> str:
    """The outcomes that are still possible, as a legend names them.

    names:    those of `short_names`.
    complete: whether every schedule was searched; else, other outcomes may be possible too.
    """
    if not left:
        return "none of these" if complete else "none found yet"
    words = " or ".join(names[name] for name in left)
    if not complete:
        return f"{words} found"
    return f"only {words}" if len(left) == 1 else words
