"""Compilation of a line typed at the console to a new thread, which History.inject starts.

The new thread has its own variables, in cells after all known ones. It can read the variables of other
threads as `THREAD.NAME`. The returned names are those of the branch in which the thread runs; the branch
from which it was started does not have the thread or its variables.
"""

from __future__ import annotations

from itertools import count
from typing import Final

from engine.errors import BadInput
from engine.language.symbols import Names
from engine.run.program import Program
from engine.script.compile import compile_script, parse_script
from engine.script.source import RESERVED, Script
from engine.script.variables import Variables

CONSOLE: Final = "console"
LONGEST: Final = 4000
"""Maximum number of characters of a call."""


def console_owner(names: Names) -> str:
    """Return the first free name for a console thread: console, console2, ..."""
    taken = {*names.threads, *names.objects, *names.variables, *names.parameters, *RESERVED}
    candidates = (CONSOLE if number == 1 else f"{CONSOLE}{number}" for number in count(1))
    return next(name for name in candidates if name not in taken)


def compile_call(
    text: str, names: Names, cpu: int = 0, owner: str = CONSOLE, first: int | None = None
) -> tuple[Program, Names]:
    """Compile a line, or several, of the script language to a program for `cpu`.

    names: the branch's names, in which the text is resolved.
    owner: the new thread's name; see console_owner.
    first: the first cell of its variables; default: the one after all those of `names`.
    Returns the program, and the names with the new thread and its variables.
    Errors: BadInput if the text is not a script or calls nothing, with OWNER:LINE if it has several lines;
            if `first` is the cell of another variable.
    """
    if owner in RESERVED or any(owner in some for some in (names.threads, names.variables, names.parameters)):
        raise BadInput(f"the name {owner} is reserved or taken; choose another name for the thread")
    if len(text) > LONGEST:
        raise BadInput(f"a call of {len(text)} characters is too long; the limit is {LONGEST}")
    lines = text.count("\n") + 1
    script = Script(text, owner, lambda: range(1, lines + 1))
    try:
        parsed = parse_script(owner, script)
        variables = Variables.beside(names, owner, first)
        least = Variables.beside(names, owner).count
        variables.declare([parsed])
        program = compile_script(parsed, variables, cpu)
    except BadInput as error:
        if lines > 1:
            raise
        raise BadInput(error.message) from None
    if not program.instructions:
        raise BadInput("there is nothing to call; write a call such as vm_page_free(app.m)")
    if program.names and min(program.names.values()) < least:
        raise BadInput(f"the call's variables start at cell {first}, which is in use; the first is {least}")
    return program, variables.names
