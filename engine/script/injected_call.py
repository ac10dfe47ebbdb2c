"""A line typed at the console, compiled to a thread of its own: what History.inject starts.

The new thread's variables are its own and lie in cells behind all that are known; the other threads'
variables can be read as `THREAD.NAME`, as anywhere. The names that come back are those of the branch in which
the thread runs: the branch it was started from knows neither the thread nor its variables.
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
"""Characters that one call may have."""


def console_owner(names: Names) -> str:
    """What the next console thread is called: console, console2, ... - the first name that is free."""
    taken = {*names.threads, *names.objects, *names.variables, *RESERVED}
    candidates = (CONSOLE if number == 1 else f"{CONSOLE}{number}" for number in count(1))
    return next(name for name in candidates if name not in taken)


def compile_call(
    text: str, names: Names, cpu: int = 0, owner: str = CONSOLE, first: int | None = None
) -> tuple[Program, Names]:
    """Compile a line, or several, of the script language to a program for `cpu`.

    names: what the branch's names stand for, by which the text is read.
    owner: the new thread's name; see console_owner.
    first: the first cell of its variables; unless told, the one behind all that `names` knows.
    Returns the program, and the names with the new thread and its variables.
    Errors: BadInput when the text is no script, or does nothing; OWNER:LINE names the line of several.
    """
    if owner in names.threads or owner in names.variables or owner in RESERVED:
        raise BadInput(f"the name {owner} has a meaning already; choose another one for the thread")
    if len(text) > LONGEST:
        raise BadInput(f"a call has up to {LONGEST} characters; put {len(text)} of them into a scenario")
    lines = text.count("\n") + 1
    script = Script(text, owner, lambda: range(1, lines + 1))
    try:
        parsed = parse_script(owner, script)
        variables = Variables.beside(names, owner, first)
        variables.declare([parsed])
        program = compile_script(parsed, variables, cpu)
    except BadInput as error:
        if lines > 1:
            raise
        raise BadInput(error.message) from None
    if not program.instructions:
        raise BadInput("this calls nothing; write a call such as vm_page_free(app.m)")
    return program, variables.names
