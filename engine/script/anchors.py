"""Anchors: names for the lines of a script, `m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)  #@taken`.

A line has an anchor if the last thing on it is the comment `#@NAME`, and nothing else is in that comment. A
moment `THREAD:@NAME` then keeps its place when lines are added above it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from typing import Final

from engine.errors import BadInput
from engine.script.variables import Parsed

_ANCHOR: Final = re.compile(r"#@(\S*)\s*$")
_ANY: Final = re.compile(r"#@\S*")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")


def without_anchors(lines: list[str]) -> list[str]:
    """Return the lines of a script as they are shown: without anchors."""
    return [_ANCHOR.sub("", line).rstrip() if "#@" in line else line for line in lines]


def anchors_of(parsed: Parsed) -> dict[str, int]:
    """Return the line of the script, from 1, at which the statement of each anchor starts.

    Errors: BadInput with the file's line for a bad name, a second anchor of a name, other text in the
    comment of an anchor, or a line without a statement.
    """
    found: dict[str, int] = {}
    starts = _starts(parsed.tree)
    for line, comment in _comments(parsed.text):
        name = comment.removeprefix("#@")
        wrong = _not_alone(comment) or _wrong(
            name, known=name in found, has_code=line in starts, owner=parsed.owner
        )
        if wrong:
            raise BadInput(wrong, file=parsed.script.file, line=parsed.script.line(line))
        found[name] = starts[line]
    return found


def _not_alone(comment: str) -> str:
    """Say what is wrong with a comment that has an anchor and something else; "" without that."""
    anchors = _ANY.findall(comment)
    if len(anchors) > 1:
        return f"a line has one anchor, and this one has {' and '.join(anchors)[:60]}; keep one of them"
    if comment != anchors[0]:
        words = "is not the whole comment; end the line with it alone, or write the name without #@"
        return f"the anchor {anchors[0][:40]} {words}"
    return ""


def _wrong(name: str, *, known: bool, has_code: bool, owner: str) -> str:
    if _NAME.fullmatch(name) is None:
        words = "is not a name of an anchor; use a lower-case letter, then letters, digits and -"
        return f"{name[:40]!r} {words}"
    if known:
        return f"there are two anchors @{name[:40]} in {owner}; rename one of them"
    return "" if has_code else f"the anchor @{name[:40]} is on a line without a statement; put it after one"


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a script that have an anchor: (line, comment)."""
    if "#@" not in text:
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and "#@" in token.string:
            yield token.start[0], token.string.rstrip()


def _starts(tree: ast.Module) -> dict[int, int]:
    """For each line of a statement, or of the head of a compound one, the line at which it starts."""
    starts: dict[int, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            for line in range(node.lineno, max(last, node.lineno) + 1):
                starts.setdefault(line, node.lineno)
    return starts
