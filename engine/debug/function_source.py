"""The source of a function of atomic steps: its lines, its actions, its calls and its branches.

It is read from the file of the function's code, so it is there from an installed wheel too. A `yield` that
announces is an action; a `yield from` is a call.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import CodeType
from typing import Any, Final

ANYTHING: Final = "an action that is named when it runs"
"""The text of an action whose announcement is known only when it runs."""

_PAPER: Final = re.compile(r"\s*\((?:see )?(?:spec|DESIGN)\b[^()]*\)|; spec \d[^.;]*|,? spec \d\d[^,.)\n]*")
"""A reference to a paper of the project; the source has them, what is shown has not."""

_SCOPES: Final = (ast.FunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True)
class Action:
    """An atomic action of a function.

    number: its place among the function's actions, from 1, in the order of the source.
    text:   its announcement; of two, both; of more, what they have in common.
    texts:  the announcements that it can have; None if they are known only when it runs.
    line:   its line in the file; last: the last line of its statement.
    """

    number: int
    text: str
    texts: frozenset[str] | None
    line: int
    last: int


@dataclass(frozen=True)
class Call:
    """A call of another function of atomic steps: the function's name, and the lines of the expression."""

    function: str
    line: int
    last: int


@dataclass(frozen=True)
class Branch:
    """A condition of the source, `if from_cache`, `while True` or `else`, and its line."""

    text: str
    line: int


@dataclass(frozen=True)
class Entry:
    """A line of a function's outline: a branch, an action or a call, indented by `depth` branches."""

    depth: int
    item: Action | Call | Branch


@dataclass(frozen=True)
class FunctionSource:
    """The source of a function.

    lines:   (line in the file, text) of each line except the docstring's, without the common indentation.
    summary: the first sentence of the docstring; locks: its `Locks:` paragraph; both without backquotes, and
             "" if there is none.
    outline: the branches, actions and calls in the order of the source.
    """

    function: str
    lines: tuple[tuple[int, str], ...]
    summary: str
    locks: str
    outline: tuple[Entry, ...]
    _at: dict[int, Action | Call] = field(default_factory=dict, compare=False, repr=False)

    @property
    def actions(self) -> tuple[Action, ...]:
        """The atomic actions, by number."""
        return tuple(entry.item for entry in self.outline if isinstance(entry.item, Action))

    def at(self, line: int) -> Action | Call | None:
        """Return the action or call at a line of the file; None if there is none."""
        if not self._at:
            items = [entry.item for entry in self.outline if not isinstance(entry.item, Branch)]
            self._at.update((n, item) for item in items for n in range(item.line, item.last + 1))
        return self._at.get(line)

    def action_at(self, line: int) -> Action | None:
        """Return the action at a line of the file; None if there is none."""
        item = self.at(line)
        return item if isinstance(item, Action) else None


@lru_cache(maxsize=8)
def parsed(code: CodeType) -> tuple[ast.FunctionDef, list[str], int] | None:
    """Return a function parsed, its lines, and its first line in the file; None without a source."""
    # Not inspect.getsourcelines: that looks at the files of all modules.
    first = code.co_firstlineno
    lines = linecache.getlines(code.co_filename)[first - 1 :]
    try:
        text = textwrap.dedent("".join(inspect.getblock(lines)))
        tree = ast.parse(text)
    except SyntaxError:
        return None
    function = tree.body[0] if tree.body else None
    if not isinstance(function, ast.FunctionDef) or function.name != code.co_name:
        return None
    ast.increment_lineno(tree, first - 1)
    return function, text.splitlines(), first


@cache
def source_of(code: CodeType) -> FunctionSource | None:
    """Return the source of a function by its code; None if the source is not available."""
    found = parsed(code)
    if found is None:
        return None
    function, text, first = found
    docstring = inspect.cleandoc(ast.get_docstring(function) or "")
    return FunctionSource(
        code.co_name,
        tuple(_without_docstring(function, text, first)),
        _first_sentence(docstring),
        paragraph(docstring, "Locks:"),
        tuple(_Reader(code).block(function.body, 0)),
    )


def source_of_function(function: Callable[..., Any]) -> FunctionSource | None:
    """Return the source of a function; None if it is not available."""
    return source_of(function.__code__)


def _without_docstring(function: ast.FunctionDef, text: list[str], first: int) -> Iterator[tuple[int, str]]:
    head = function.body[0]
    docstring = range(0)
    if ast.get_docstring(function) is not None:
        docstring = range(head.lineno, (head.end_lineno or head.lineno) + 1)
    for number, line in enumerate(text, first):
        if number not in docstring:
            yield number, without_papers(line)


def _first_sentence(docstring: str) -> str:
    text = without_papers(" ".join(docstring.split("\n\n", maxsplit=1)[0].split()))
    return text.split(". ")[0].rstrip(".").replace("`", "")


def paragraph(docstring: str, title: str) -> str:
    """Return what a docstring says after a title such as `Locks:`, up to the next title or paragraph.

    Without backquotes and citations of papers; "" if it has no such title.
    """
    found: list[str] = []
    for line in docstring.splitlines():
        if line.startswith(title):
            found.append(line.removeprefix(title).strip())
        elif found and line.startswith(" "):
            found.append(line.strip())
        elif found:
            break
    return without_papers(" ".join(found)).rstrip(".").replace("`", "")


_ENTRY: Final = re.compile(r"\w[\w, ]*: ")
"""The start of an entry of a docstring, such as `Locks: ` or `low, high: `."""


def entries_of(docstring: str) -> tuple[str, ...]:
    """Return the paragraphs of a docstring without indentation, and each entry of its contract, unwrapped.

    Without backquotes, citations of the project's papers, and a `Source:` that is one.
    """
    found, fresh = [""], False
    for line in docstring.splitlines():
        if fresh or _ENTRY.match(line):
            found.append("")
        fresh = not line
        found[-1] = f"{found[-1]} {line.strip()}".strip()
    texts = (without_papers(text).replace("`", "") for text in found)
    named = (re.sub(r"^(\w[\w, ]*):\s+", r"\1: ", text) for text in texts)
    return tuple(text for text in named if text and (not text.startswith("Source:") or "sys/" in text))


def without_papers(text: str) -> str:
    """Return a text without its references to the papers of the project, such as `(spec 22, A7)`."""
    return _PAPER.sub("", text)


class _Reader:
    """Reads the branches, actions and calls of a function."""

    def __init__(self, code: CodeType) -> None:
        names = [name for name, module in list(sys.modules.items()) if _is_file_of(module, code)]
        self.names = vars(sys.modules[names[0]]) if names else {}
        self.number = 0

    def block(self, statements: list[ast.stmt], depth: int) -> Iterator[Entry]:
        """Yield the entries of statements, those of a branch one level deeper."""
        for statement in statements:
            yield from self.statement(statement, depth)

    def statement(self, node: ast.stmt, depth: int) -> Iterator[Entry]:
        """Yield the entries of a statement; a branch without an action or a call has none."""
        if isinstance(node, _SCOPES):
            return
        if isinstance(node, ast.If):
            yield from self.conditional("if", node, depth)
        elif isinstance(node, ast.While | ast.For):
            yield from self.loop(node, depth)
        else:
            yield from self.expression(node, depth)
            for name in ("body", "orelse", "finalbody"):
                yield from self.block(getattr(node, name, []), depth)
            for handler in getattr(node, "handlers", []):
                yield from self.branch(f"except {ast.unparse(handler.type)}", handler, handler.body, depth)

    def conditional(self, word: str, node: ast.If, depth: int) -> Iterator[Entry]:
        yield from self.expression(node.test, depth)
        yield from self.branch(f"{word} {ast.unparse(node.test)}", node, node.body, depth)
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            yield from self.conditional("elif", node.orelse[0], depth)
        elif node.orelse:
            yield from self.branch("else", node.orelse[0], node.orelse, depth)

    def loop(self, node: ast.While | ast.For, depth: int) -> Iterator[Entry]:
        if isinstance(node, ast.While):
            yield from self.expression(node.test, depth)
            text = f"while {ast.unparse(node.test)}"
        else:
            yield from self.expression(node.iter, depth)
            text = f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}"
        yield from self.branch(text, node, node.body, depth)
        yield from self.block(node.orelse, depth)

    def branch(self, text: str, node: ast.AST, body: list[ast.stmt], depth: int) -> Iterator[Entry]:
        inside = list(self.block(body, depth + 1))
        if inside:
            yield Entry(depth, Branch(text, getattr(node, "lineno", 0)))
            yield from inside

    def expression(self, node: ast.AST, depth: int) -> Iterator[Entry]:
        """Yield the actions and calls of an expression, or of the expressions of a statement, in order."""
        if isinstance(node, ast.Yield | ast.YieldFrom):
            first, last = node.lineno, node.end_lineno or node.lineno
            if isinstance(node, ast.YieldFrom):
                yield from self.expression(node.value, depth)
                yield Entry(depth, Call(_called(node.value), first, last))
            else:
                self.number += 1
                texts = announcements(node.value, self.names)
                known = None if texts is None else frozenset(texts)
                yield Entry(depth, Action(self.number, _in_common(texts), known, first, last))
            return
        for part in ast.iter_child_nodes(node):
            if not isinstance(part, (*_SCOPES, ast.stmt)):
                yield from self.expression(part, depth)


def announcements(node: ast.expr | None, names: Mapping[str, Any]) -> list[str] | None:
    """Return the announcements that a `yield` of an expression can make; None if only a run knows them.

    names: the names of the module.
    """
    if isinstance(node, ast.Tuple):
        return announcements(node.elts[0], names)
    if isinstance(node, ast.IfExp):
        parts = [announcements(node.body, names), announcements(node.orelse, names)]
        return None if None in parts else [text for part in parts for text in part or ()]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.Name) and isinstance(text := names.get(node.id), str):
        return [text]
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return [text for text in names.get(node.value.id, ()) if text] or None
    return None


def _in_common(texts: list[str] | None) -> str:
    """Return one text for the announcements that an action can have."""
    if texts is None:
        return ANYTHING
    if len(texts) <= 2:
        return " or ".join(texts)
    words = texts[0].split()
    others = zip(*(text.split() for text in texts), strict=False)
    first = next(n for n, column in enumerate(others) if len(set(column)) > 1)
    comma = "," if words[first].endswith(",") else ""
    return " ".join([*words[:first], f"…{comma}", *words[first + 1 :]])


def _is_file_of(module: object, code: CodeType) -> bool:
    return getattr(module, "__file__", None) == code.co_filename


def _called(node: ast.expr) -> str:
    """Return the name of the function that an expression calls."""
    if isinstance(node, ast.Call):
        called = node.func
        return called.id if isinstance(called, ast.Name) else ast.unparse(called)
    return ast.unparse(node)


def action_at(code: CodeType | None, line: int) -> Action | None:
    """Return the action at a line of a function; None if there is none, or no source."""
    source = None if code is None else source_of(code)
    return None if source is None else source.action_at(line)
