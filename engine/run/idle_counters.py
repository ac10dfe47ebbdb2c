"""Variables of scripts that only count: nothing that a run does depends on their values.

A loop that counts its rounds never comes to the same memory again, although it does the same for ever. A
variable is an idle counter if its own script names it only in lines such as `n = 0`, `n += 1` and
`n = n - 1`, and no other script names it at all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.run.program import Assign, Instruction, Program

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class IdleCounter:
    """A variable that only counts: the thread's number, the variable's name, and its slot."""

    thread: int
    name: str
    slot: int


def idle_counters(programs: Sequence[Program]) -> list[IdleCounter]:
    """Return the idle counters of all scripts, by thread and name."""
    words = [Counter(_WORD.findall("\n".join(_code(program)))) for program in programs]
    everywhere = sum(words, Counter[str]())
    found = []
    for t, program in enumerate(programs):
        for name, slot in sorted(program.names.items()):
            counted = sum(_counts(instruction, name, slot) for instruction in program.instructions)
            if counted and everywhere[name] == words[t][name] == counted:
                found.append(IdleCounter(t, name, slot))
    return found


def _code(program: Program) -> list[str]:
    """The lines of a script that are more than a comment."""
    return [line for line in program.lines if not line.lstrip().startswith("#")]


def _counts(instruction: Instruction, name: str, slot: int) -> int:
    """How often an instruction names a variable that it only sets or counts; 0 for any other instruction."""
    if not isinstance(instruction, Assign) or instruction.slot != slot or instruction.more:
        return 0
    if re.fullmatch(rf"{name} *[-+]?= *\d+", instruction.text):
        return 1
    return 2 if re.fullmatch(rf"{name} *= *{name} *[-+] *\d+", instruction.text) else 0
