"""An expression that is evaluated at many states: evaluated once for each combination of what it reads."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import BadInput
from engine.explore.claims import Evidence
from engine.explore.model.decision_tree import Tree, planted
from engine.explore.model.transitions import Model
from engine.language.expressions import Expression


@dataclass(frozen=True, slots=True)
class _Value:
    value: Hashable


class Watched:
    """A function of the present state's cells."""

    def __init__(self, model: Model, compute: Callable[[], Hashable]) -> None:
        """compute: reads the machine's cells through columns, and nothing else that changes."""
        self.model = model
        self.compute = compute
        self._tree: Tree = None

    def value(self) -> Any:
        """The value at the present state."""
        node, content = self._tree, self.model.content
        while node.__class__ is tuple:
            read, children = node
            node = children.get(content.get(read))
        return self._learn() if node is None else node.value

    def _learn(self) -> Any:
        self.model.log.clear()
        value = self.compute()
        path = [(read, self.model.content.get(read)) for read in self.model.log.reads()]
        self._tree = planted(self._tree, path, _Value(value))
        return value


@dataclass(frozen=True)
class Asked:
    """What is evaluated on the way.

    values:   at each end. evidence: what is said of all schedules; each notes what is found about it.
    """

    values: Sequence[Watched] = ()
    evidence: Sequence[Evidence] = ()


def watched_truth(model: Model, one: Evidence) -> Watched:
    """Watch whether a statement holds."""
    return Watched(model, lambda: one.statement.truth(model.vm))


def watched_value(model: Model, expression: Expression) -> Watched:
    """Watch the value of an expression: a page as its number, NULL as None, or why it has none."""

    def value() -> int | str | None:
        try:
            return expression.show(model.vm)
        except BadInput as error:
            return error.message

    return Watched(model, value)
