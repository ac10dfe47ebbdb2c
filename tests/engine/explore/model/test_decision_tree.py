"""Decision trees keep what is known, and refuse what contradicts it."""

from __future__ import annotations

import pytest

from engine.explore.model.decision_tree import Tree, planted


def found(tree: Tree, values: dict[str, int]) -> object:
    while isinstance(tree, tuple):
        read, children = tree
        tree = children.get(values[read])
    return tree


def test_each_leaf_is_found_by_the_values_on_its_path() -> None:
    tree = planted(None, [("a", 0), ("b", 0)], "first")
    same = planted(tree, [("a", 0), ("b", 1)], "second")
    assert same is tree
    planted(tree, [("a", 1)], "third")
    planted(tree, [("a", 2), ("c", 5)], "fourth")
    assert found(tree, {"a": 0, "b": 0}) == "first"
    assert found(tree, {"a": 0, "b": 1}) == "second"
    assert found(tree, {"a": 1, "b": 7}) == "third"
    assert found(tree, {"a": 2, "c": 5}) == "fourth"
    assert found(tree, {"a": 2, "c": 6}) is None
    assert found(tree, {"a": 3}) is None


def test_what_reads_nothing_is_its_own_tree() -> None:
    assert planted(None, [], "leaf") == "leaf"


@pytest.mark.parametrize("path", [[("b", 0)], [("a", 0), ("c", 0)], [("a", 0), ("c", 0), ("b", 0)]])
def test_another_read_after_the_same_values_is_a_contradiction(path: list[tuple[str, int]]) -> None:
    tree = planted(None, [("a", 0), ("b", 0)], "leaf")
    with pytest.raises(RuntimeError, match=r"is read where \w was read before"):
        planted(tree, path, "other")
