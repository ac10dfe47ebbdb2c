"""Finding pages: by number, by address, by object and pindex, or by a condition."""

from __future__ import annotations

import ast
import re
from typing import Final

from engine.constants import NULL, PAGE_SHIFT, PG_FICTITIOUS
from engine.debug.whynot import page_asked
from engine.errors import BadInput
from engine.language.expressions import compile_node, parse_python
from engine.language.symbols import NUMBER, Kind, Variable
from engine.language.values import Place, Scope, as_truth
from explorer.session.cell_text import names_page
from explorer.session.session import Session
from explorer.session.typed_number import number_of

FORMS: Final = "a page number, `pa ADDRESS`, `app.m`, `heap[3]`, or a condition: p.wire_count > 0"
MOST: Final = 1 << 18
"""Maximum number of pages on which a condition is tested."""

_PAIR: Final = re.compile(r"([A-Za-z_]\w*)\s+(-?\w+)", re.ASCII)


def find(session: Session, text: str) -> None:
    """Show the page that `text` names, or the first page for which it is true.

    Errors: BadInput if there is no such page, or the text is invalid.
    """
    words = text.strip()
    pair = _PAIR.fullmatch(words)
    if NUMBER.fullmatch(words.replace(",", "")):
        session.pin_number(words)
    elif pair and pair[1] == "pa":
        session.pin_number(hex(number_of(pair[2], "an address") >> PAGE_SHIFT))
    elif pair and pair[1] in session.names.objects:
        _find_in_object(session, pair[1], number_of(pair[2], "a pindex"))
    elif names_page(session.names, words):
        session.pin(m := page_asked(session.history, words, session.names))
        session.say(f"page {session.labels.page(m)} is {words}; Esc follows the steps again")
    else:
        _find_all(session, words)


def _find_in_object(session: Session, name: str, pindex: int) -> None:
    m = session.vm.find_page(session.names.objects.index(name), pindex)
    if m == NULL:
        raise BadInput(f"{name} has no page at pindex {pindex} at step {session.history.step:,}")
    session.pin(m)
    session.say(f"page {session.labels.page(m)} is at pindex {pindex} of {name}; Esc follows the steps again")


def _find_all(session: Session, text: str) -> None:
    session.matches = tuple(pages_where(session, text))
    if not session.matches:
        raise BadInput(f"no page matches {text} at step {session.history.step:,}")
    session.sought = text
    show_match(session, 0)


def pages_where(session: Session, text: str) -> list[int]:
    """Every page for which a condition on `p` is true; a condition that cannot be evaluated counts as false.

    Errors: BadInput if it is true for no page and could not be evaluated for one of them.
    """
    vm, slot = session.vm, session.vm.variable.length - 1
    tree = parse_python(text, "eval", lambda _: Place(None, None))
    assert isinstance(tree, ast.Expression)
    if not any(isinstance(node, ast.Name) and node.id == "p" for node in ast.walk(tree)):
        raise BadInput(f"{text[:60]!r} does not name a page; use {FORMS}")
    scope = Scope(session.names, {"p": Variable(slot, Kind.PAGE)})
    holds = as_truth(compile_node(tree.body, scope))
    cell = vm.memory.address("variable.value", slot)
    kept, found = vm.memory.cells[cell], list[int]()
    refused: BadInput | None = None
    try:
        for m in range(min(vm.vm_page_array_size, MOST)):
            vm.memory.cells[cell] = m
            if vm.page.pat_mode[m] or vm.page.flags[m] & PG_FICTITIOUS:
                try:
                    found += [m] if holds(vm) else []
                except BadInput as error:
                    refused = error
    finally:
        vm.memory.cells[cell] = kept
    if refused is not None and not found:
        raise refused
    return found


def show_match(session: Session, at: int) -> None:
    """Show match number `at` of the last search, modulo the number of matches.

    Errors: BadInput if there is no match.
    """
    if not session.matches:
        raise BadInput(f"no search yet; / takes {FORMS}")
    session.match = at % len(session.matches)
    session.pin(session.matches[session.match])
    count = f"{session.match + 1:,} of {len(session.matches):,}"
    session.say(f"page {session.labels.page(session.page)}, {count} with {session.sought}; , . show others")


def turn_match(session: Session, by: int) -> None:
    """Show the next or the previous match.

    Errors: as show_match.
    """
    none_yet = 0 if by > 0 else -1
    show_match(session, session.match + by if session.match >= 0 else none_yet)
