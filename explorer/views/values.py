"""The value of an expression in the words of the screen: `ACTIVE`, `LOCKED`, `page 0xc03 (app.m)`, `true`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.constants import NULL, queue_name, type_and_color
from engine.errors import BadInput
from engine.language.expressions import Expression, compile_expression, parse_python
from engine.language.symbols import Kind, Names
from engine.language.values import Place
from engine.machine.tables import THREAD_STATES
from explorer.views.labels import Labels, busy_words, flag_names

_FIELDS: Final[dict[str, Callable[[int], str]]] = {
    "queue": queue_name,
    "busy_count": lambda busy: f"{busy_words(busy)} ({busy:#x})" if busy else "0",
    "flags": lambda flags: f"{'|'.join(flag_names(flags))} ({flags:#x})" if flags else "0",
    "valid": lambda bits: f"{bits:02x}",
    "dirty": lambda bits: f"{bits:02x}",
}
"""The fields of a page that have words."""


@dataclass(frozen=True)
class Watched:
    """An expression to show: its text, the names that it was compiled with, and how its value is written."""

    text: str
    names: Names
    expression: Expression
    words: Callable[[Labels, int], str]

    def value(self, labels: Labels) -> str:
        """Return its value at the cursor of the labels' machine, in words.

        Errors: BadInput if it has no value there.
        """
        return self.words(labels, self.expression.evaluate(labels.vm))


def watched(text: str, names: Names) -> Watched:
    """Compile an expression to show.

    Errors: BadInput if the text is not an EXPR.
    """
    expression = compile_expression(text, names)
    return Watched(text, names, expression, _words(text, expression, names))


def _words(text: str, expression: Expression, names: Names) -> Callable[[Labels, int], str]:
    """Return how a value of the expression is written."""
    if expression.kind is not Kind.NUMBER:
        return _of_kind(expression.kind)
    tree = parse_python(text.strip(), "eval", lambda _: Place(None, None))
    assert isinstance(tree, ast.Expression)
    number = _of_number(tree.body, names)
    return lambda _, value: number(value)


def _of_kind(kind: Kind) -> Callable[[Labels, int], str]:
    if kind is Kind.PAGE:
        return _page_words
    if kind is Kind.OBJECT:
        return lambda labels, value: "NULL" if value == NULL else labels.object(value)
    return lambda _, value: "NULL" if value == NULL else f"{value:,}"


def _page_words(labels: Labels, m: int) -> str:
    if m == NULL:
        return "NULL"
    number, name = labels.page(m), labels.page_name(m)
    return f"page {number}" if name == number else f"page {number} ({name})"


def _of_number(node: ast.expr, names: Names) -> Callable[[int], str]:
    """Return how a number is written: by what the outermost operation is."""
    if isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    ):
        return lambda value: "true" if value else "false"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in ("queue_of", "base_of"):
            return lambda value: type_and_color(value)[0]
        return _plain
    if isinstance(node, ast.Attribute):
        if node.attr in _FIELDS and _is_page(node.value, names):
            return _FIELDS[node.attr]
        if node.attr == "state" and ast.unparse(node.value).startswith("thread["):
            return lambda value: THREAD_STATES[value]
    return _plain


def _is_page(node: ast.expr, names: Names) -> bool:
    try:
        return compile_expression(ast.unparse(node), names).kind is Kind.PAGE
    except BadInput:
        return isinstance(node, ast.Subscript) and ast.unparse(node.value) == "page"


def _plain(value: int) -> str:
    return f"{value:,} ({value:#x})" if abs(value) >= 1024 else str(value)


def value_or_reason(one: Watched, labels: Labels) -> tuple[str, bool]:
    """Return the value in words and True; or why it has none here, and False."""
    try:
        known = one if one.names is labels.given else watched(one.text, labels.given)
        return known.value(labels), True
    except BadInput as refusal:
        return refusal.message, False
