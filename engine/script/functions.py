"""What scripts can call, as a reference describes it: groups, arguments with their ranges, results.

Made from the tables with which scripts are compiled: the annotations of the verbs, and the functions of EXPR.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from engine.constants import NULL
from engine.debug.function_source import entries_of
from engine.kernel.arguments import Mark
from engine.language import builtins
from engine.language.symbols import Kind
from engine.script.document import ways
from engine.script.verbs import Parameter, Verb, verbs
from engine.words import number_text

EXPRESSIONS: Final = "Expressions"
"""The group of the functions of EXPR, which are allowed outside scripts too."""

_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Locks": ("locks", "tokens", "objects"),
    "Allocate and free": (
        *("alloc", "free", "grab", "contig", "search", "color", "fictitious"),
        *("vm_page_try_to_free", "vm_page_free_wakeup"),
    ),
    "Find": ("lookup", "hash", "rename", "vm_page_insert", "vm_page_remove"),
    "Busy, hold, wire": ("busy", "hold", "wire"),
    "Queues": ("queues", "age"),
    "Data and flags": ("valid_dirty", "vm_page_need_commit", "vm_page_clear_commit"),
    "Mappings": ("pmap", "pmap_object_init_pt"),
    "Processes": ("process_verbs", "process.madvise"),
    "Pagers and I/O": ("pageout.flush", "pagers.read", "pager_getpage", "io_fails"),
    "Waiting for memory": ("memory_wait", "memory_pressure", "thresholds"),
    "The pageout daemon": ("pageout", "pagedaemon_wakeup"),
    "Time and statistics": ("verbs", "stats"),
}
"""Each group, and what is in it: packages and modules; a longer name, or that of a function, wins."""


@dataclass(frozen=True)
class Argument:
    """An argument.

    type:      `a number`, `a page`, `an object` or `a string`.
    null:      whether NULL is allowed.
    low, high: the smallest and the largest number; None if there is no such limit, or if the machine decides.
    last:      what the largest is, in words, if the machine decides.
    constants: the kernel's constants of which the number is one, or is made.
    default:   its value if it is left out, as a script writes it; None if it must be given.
    held:      whether the call takes the token of the object for its duration, unless the thread has it.
    """

    name: str
    type: str
    null: bool = False
    low: int | None = None
    high: int | None = None
    last: str = ""
    constants: tuple[str, ...] = ()
    default: str | None = None
    held: bool = False

    @property
    def values(self) -> str:
        """Its values in words: its type, then its range or its constants."""
        words = self.type
        if self.constants:
            words += f": {', '.join(self.constants)}"
        elif self.low is not None:
            most = self.last if self.high is None else number_text(self.high)
            words += f" from {number_text(max(self.low, 0) if self.null else self.low)} to {most}"
        return f"{words}, or NULL" if self.null else words


@dataclass(frozen=True)
class Function:
    """A function that scripts can call.

    forms:     its usages; the second one has other arguments, as the design document writes it.
    arguments: those of the first form.
    returns:   the types of its results.
    summary:   what it does, in a sentence.
    notes:     the paragraphs of its description: further arguments, then `Locks: ...` and so on.
    process:   whether it needs an address space: that of its thread, or of a process named by `pid`.
    token:     whether it takes or releases the token of an object.
    daemon:    whether it never returns.
    """

    name: str
    group: str
    forms: tuple[str, ...]
    arguments: tuple[Argument, ...]
    returns: tuple[str, ...]
    summary: str
    notes: tuple[str, ...] = ()
    process: bool = False
    token: bool = False
    daemon: bool = False


@cache
def functions() -> Mapping[str, Function]:
    """Every function that scripts can call, by name: in the order of the groups, those of EXPR last."""
    found = [_of_verb(verb) for verb in verbs().values()]
    order = [*_GROUPS, EXPRESSIONS]
    found += [_of_expression(function) for function in builtins.FUNCTIONS.values()]
    return {function.name: function for function in sorted(found, key=lambda one: order.index(one.group))}


def group_of(verb: Verb) -> str:
    """Return the group of a verb: that which names it, else its module, else its package.

    Errors: KeyError for a module that no group has.
    """
    by_name = {name: group for group, names in _GROUPS.items() for name in names}
    package = verb.module.partition(".")[0]
    named = (by_name[name] for name in (verb.name, verb.module) if name in by_name)
    return next(named, None) or by_name[package]


def _of_verb(verb: Verb) -> Function:
    # Python with -OO has no docstrings.
    summary, *notes = entries_of(verb.docstring) or ("It has no description where Python runs with -OO.",)
    given = {parameter.name for parameter in verb.parameters}
    return Function(
        verb.name,
        group_of(verb),
        ways(verb.name),
        tuple(map(_argument, verb.parameters)),
        tuple(kind.value for kind in verb.results),
        summary,
        tuple(note for note in notes if _concerns(note, given)),
        verb.as_process,
        verb.takes_token,
        verb.daemon,
    )


def _argument(parameter: Parameter) -> Argument:
    argument = Argument(
        parameter.name,
        "a string" if parameter.kind is None else parameter.kind.value,
        Mark.NULL_OK in parameter.marks,
        default=_default(parameter),
        held=Mark.HELD in parameter.marks,
    )
    limits = parameter.range
    if limits is None or parameter.kind is not Kind.NUMBER:
        return argument
    low, high = (limit if isinstance(limit, int) else None for limit in (limits.low, limits.high))
    return replace(argument, low=low, high=high, last=limits.last, constants=limits.constants)


def _default(parameter: Parameter) -> str | None:
    if not parameter.optional:
        return None
    if isinstance(parameter.default, str):
        return f'"{parameter.default}"'
    null = parameter.default == NULL and Mark.NULL_OK in parameter.marks
    return "NULL" if null else str(parameter.default)


def _concerns(note: str, given: Set[str]) -> bool:
    """Whether a note is for scripts: not about an argument that they do not give."""
    label, colon, _ = note.partition(": ")
    names = label.split(", ")
    about_arguments = bool(colon) and all(name.islower() and name.isidentifier() for name in names)
    return not about_arguments or bool(given & {*names})


def _of_expression(function: builtins.Function) -> Function:
    arguments = tuple(Argument(name, _CAPITALS[name]) for name in function.arguments)
    summary = f"Return {function.meaning.replace('`', '')}."
    return Function(function.name, EXPRESSIONS, (function.form,), arguments, (function.kind.value,), summary)


_CAPITALS: Final = {
    "PAGE": Kind.PAGE.value,
    "BASE": "a queue type, such as FREE or PQ_ACTIVE",
    "THREAD": "the name of a thread",
    "LOCK": "a page, queue[BASE,COLOR], an object or vm_contig_spin",
    "ADDRESS": "a number: a physical address",
    "CPU": "a number: a cpu",
}
"""The types of the arguments of EXPR's functions, by the words of their usage."""
