"""The calls of the design document, so that they can be typed as it writes them.

Some are spelt in C: a comment, a number that ends in ULL, `&m` for an argument that is written. Some have
other arguments than the 2020 kernel's functions, or than the model's: they select another function of the
same name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from engine.constants import NULL
from engine.kernel.arguments import Int, Process
from engine.kernel.memory_wait import vm_wait_pfault
from engine.language.values import Scope
from engine.machine.machine import Machine, Steps
from engine.machine.tables import NO_THREAD
from engine.script.process_verbs import pmap_enter
from engine.script.verbs import Verb, verb_of, verbs

OWN: Final = ("curproc", "pmap")
"""Words for the process, and the page table, of the thread that runs the script."""

# --- spelling ---------------------------------------------------------------------------------------------

_C: Final = re.compile(
    r"""
    (?P<text>"[^"\n]*"|'[^'\n]*'|\#[^\n]*)             # stays as it is
    | (?P<comment>/\*.*?\*/|(?<=;)[ \t]*//[^\n]*)
    | (?<![\w.])(?P<number>0[xX][0-9a-fA-F]+|\d+)(?P<suffix>[uU]?[lL]{1,2}[uU]?|[uU])\b
    | (?<=[(,])(?P<space>\s*)&(?=\s*[A-Za-z_])         # an argument that is written
    """,
    re.VERBOSE | re.DOTALL,
)


def without_c(text: str) -> str:
    """Replace C's comments, number suffixes and address operators by spaces; all else keeps its place."""
    return _C.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    if found["text"] is not None:
        return found["text"]
    if found["number"] is not None:
        return found["number"] + " " * len(found["suffix"])
    return re.sub(r"[^\n]", " ", found[0])


# --- arguments --------------------------------------------------------------------------------------------

_WRITTEN_LAST: Final = {"vm_page_lookup_busy_try": 4}
"""The functions whose last argument receives a second result, and their number of arguments in the kernel."""


_UNDERSCORED: Final = ("_vm_page_queue_spin_lock", "_vm_page_queue_spin_unlock")


def plain_calls(tree: ast.Module) -> None:
    """Rewrite calls that have a form of C only.

    `m = f(..., error)`, where f writes to error, becomes `m, error = f(...)`; the two functions of
    _UNDERSCORED lose their first character.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _UNDERSCORED:
            node.func.id = node.func.id.removeprefix("_")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        call, target = node.value, node.targets[0]
        wanted = _WRITTEN_LAST.get(call.func.id) if isinstance(call.func, ast.Name) else None
        if len(call.args) != wanted or not isinstance(target, ast.Name):
            continue
        written = call.args[-1]
        if isinstance(written, ast.Name):
            call.args.pop()
            error = ast.copy_location(ast.Name(written.id, ast.Store()), written)
            node.targets = [ast.copy_location(ast.Tuple([target, error], ast.Store()), target)]


def _wait_pfault(vm: Machine, process: Process, flags: Int = 0) -> Steps[None]:
    """Delay a page fault of a process while memory is short."""
    yield from vm_wait_pfault(vm, NO_THREAD, flags, process)


@cache
def _of_a_process() -> dict[str, Verb]:
    forms: dict[str, Callable[..., Any]] = {"vm_wait_pfault": _wait_pfault, "pmap_enter": pmap_enter}
    return {name: verb_of(name, function) for name, function in forms.items()}


def documented(verb: Verb, node: ast.Call, scope: Scope) -> tuple[Verb, ast.Call]:
    """Return the function that a call selects by its arguments, and the call with the process's row.

    `vm_wait_pfault(A, flags)` waits for process A; `pmap_enter(A, va, m, prot, wired)` maps in A.
    """
    other = _of_a_process().get(verb.name)
    word = node.args[0].id if node.args and isinstance(node.args[0], ast.Name) else ""
    if other is None or word in scope.own or word not in (*OWN, *scope.names.processes):
        return verb, node
    row = NULL if word in OWN else scope.names.processes.index(word)
    first = ast.copy_location(ast.Constant(row), node.args[0])
    call = ast.copy_location(ast.Call(node.func, [first, *node.args[1:]], node.keywords), node)
    return (verb if row == NULL and verb.name == "vm_wait_pfault" else other), call


def forms(name: str) -> str:
    """Return the forms in which a function can be called, joined by `or`."""
    return " or ".join(ways(name))


def ways(name: str) -> tuple[str, ...]:
    """Return the forms in which a function can be called: its own first, then the design document's."""
    both = [verbs()[name], *([_of_a_process()[name]] if name in _of_a_process() else [])]
    different = {tuple(parameter.name for parameter in verb.parameters): verb.form for verb in reversed(both)}
    return tuple(reversed(different.values()))
