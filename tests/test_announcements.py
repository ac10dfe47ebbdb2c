"""An announcement is spelled only where it is yielded; code that recognises one imports its constant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine
from engine.kernel import alloc, contig, free, locks, queues, search, tokens
from engine.kernel.pagers import write
from engine.kernel.process import fault_layers
from engine.run import events
from engine.script import process_verbs, verbs

ROOT = Path(engine.__file__).parents[1]
YIELDING = sorted((ROOT / "engine/kernel").rglob("*.py")) + sorted((ROOT / "engine/script").rglob("*.py"))
READING = [
    path
    for folder in (
        "engine/debug",
        "engine/questions",
        "engine/reports",
        "engine/saved",
        "engine/figures",
        "explorer",
    )
    for path in sorted((ROOT / folder).rglob("*.py"))
]

NAMED = {
    alloc.CHOOSE_COLOR, alloc.CLEAR_FIELDS, alloc.COUNT_DEFICIT, contig.LOOK_FOR_STRETCH, contig.GIVE_BACK,
    free.COUNT_FREED, locks.TRY_SPINLOCK, tokens.TRY_TOKEN, write.WRITE_PAGE, fault_layers.TAKE_RESIDENT,
    process_verbs.LOAD, process_verbs.STORE, queues.LEAVE_QUEUE,
    search.START, search.REMEMBER, verbs.LOOK, *search.LOOKS,
    events.IO_COMPLETION, events.ticks_label(2), events.timeout_label("app"), events.start_label("app"),
}  # fmt: skip
"""The announcements that are constants, and a label of each event."""


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _yielded(source: str) -> set[str]:
    """The texts of `yield` expressions."""
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Yield))
    return {text for node in nodes if node.value for text in _texts(node.value)}


ANNOUNCEMENTS = NAMED.union(*(_yielded(path.read_text("utf-8")) for path in YIELDING))

STARTS = {known[:length] for known in ANNOUNCEMENTS for length in range(len(known) + 1)}


def spelt(source: str) -> list[str]:
    """The literals of a file that start like an announcement, with two words or more, also as a pattern."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    found = []
    for text in set(_texts(tree)) - docs:
        head = re.split(r"[\\\[\](){}.*+?|^$]", text)[0]
        words = head.split()
        if len(words) > 1 and head in STARTS:
            found.append(text)
    return sorted(found)


def test_no_file_spells_an_announcement_of_another() -> None:
    found = {str(path.relative_to(ROOT)): spelt(path.read_text("utf-8")) for path in READING}
    assert {path: texts for path, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "source",
    [
        'steps("leave the queue".__eq__)',
        'text.startswith("look at FREE[")',
        r'COLOR = re.compile(r"look at \w+\[(\d+)\]")',
        'label == "I/O completion"',
        r'TIMEOUT = re.compile(r"timeout of (\w+)")',
    ],
)
def test_the_check_finds_a_comparison_a_prefix_and_a_pattern(source: str) -> None:
    assert len(spelt(source)) == 1


def test_the_check_knows_the_announcements() -> None:
    assert "read busy_count" in ANNOUNCEMENTS
    assert spelt('"""Leave the queue."""\nsay("the queue is empty")') == []
