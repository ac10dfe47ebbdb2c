"""Decision trees: read a cell, follow its value to the next read, down to what is remembered.

An empty tree is `None`. Any other one is what is remembered, which is not a tuple, or a tuple of what to read
and a dict from values to trees.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

Tree = Any


def planted(tree: Tree, path: Sequence[tuple[Hashable, Hashable]], leaf: object) -> Tree:
    """Return the tree, which is changed, with a leaf at the end of a path of reads and values.

    Errors: RuntimeError if the tree reads something else on this path.
    """
    if not path:
        return leaf
    root = node = (path[0][0], {}) if tree is None else tree
    for (read, value), following in zip(path, [*path[1:], None], strict=True):
        if node[0] != read:
            raise RuntimeError(f"{read} is read where {node[0]} was read before")
        if following is None:
            node[1][value] = leaf
        else:
            node = node[1].setdefault(value, (following[0], {}))
    return root
