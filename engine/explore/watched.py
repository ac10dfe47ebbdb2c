"""An expression that is evaluated at many states: evaluated once for each combination of what it reads."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from engine.explore.decision_tree import Tree, planted
from engine.explore.model import Model


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
