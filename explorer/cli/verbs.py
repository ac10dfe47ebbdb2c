"""`pageq verbs`: the functions that a scenario's scripts can call."""

from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from engine.errors import BadInput
from engine.scenario.example_call import ExampleCall, example_calls
from engine.script.functions import Argument, Function, functions
from engine.script.hoist import unknown_function
from explorer.cli.arguments import ONE_OBJECT

PLACE: Final = 135
HELP: Final = "List the functions that scripts can call, or describe one."

WIDEST: Final = 110
"""Columns of the text, at most."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq verbs`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="the function to describe; default: list all")
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Print every function under its group, or one with its arguments, results and an example.

    Errors: BadInput, with the nearest names, for a name that scripts cannot call.
    """
    known, name = functions(), arguments.name
    if name is not None and name not in known:
        raise BadInput(unknown_function(name))
    shown = list(known.values()) if name is None else [known[name]]
    if arguments.json:
        examples = example_calls({function.name for function in shown})
        rows = [_facts(function, examples.get(function.name)) for function in shown]
        print(json.dumps({"format": 1, "functions": rows}))
        return 0
    width = min(shutil.get_terminal_size().columns, WIDEST)
    for line in _overview(shown, width) if name is None else _description(known[name], width):
        print(line)
    return 0


def _facts(function: Function, example: ExampleCall | None) -> dict[str, Any]:
    return {
        "name": function.name,
        "group": function.group,
        "forms": list(function.forms),
        "summary": function.summary,
        "notes": list(function.notes),
        "arguments": list(map(_argument_facts, function.arguments)),
        "returns": list(function.returns),
        "process": function.process,
        "token": function.token,
        "daemon": function.daemon,
        "example": None if example is None else {"scenario": example.scenario, "line": example.line},
    }


def _argument_facts(argument: Argument) -> dict[str, Any]:
    """The facts of an argument; `high` is null if the machine decides it, `default` if it must be given."""
    return {
        "name": argument.name,
        "type": argument.type,
        "null": argument.null,
        "low": argument.low,
        "high": argument.high,
        "constants": list(argument.constants),
        "default": argument.default,
        "held": argument.held,
    }


# --- text -------------------------------------------------------------------------------------------------


def _overview(shown: list[Function], width: int) -> Iterator[str]:
    for number, (group, members) in enumerate(groupby(shown, key=lambda function: function.group)):
        yield from ["", group] if number else [group]
        for function in members:
            for form in function.forms:
                yield f"  {form}"
            yield from _wrapped(function.summary, width, "      ")


def _description(function: Function, width: int) -> Iterator[str]:
    yield from function.forms
    yield from _wrapped(function.summary, width, "    ")
    if function.arguments:
        yield ""
    longest = max((len(argument.name) for argument in function.arguments), default=0)
    for argument in function.arguments:
        lead = f"  {argument.name:<{longest}}  "
        yield from _wrapped(_values(argument), width, lead, " " * len(lead))
    yield ""
    for line in (*_returned(function), *_needs(function), *function.notes):
        yield from _wrapped(line, width, "", "  ")
    yield ""
    yield from _example(function, width)


def _values(argument: Argument) -> str:
    default = "" if argument.default is None else f"; default {argument.default}"
    return f"{argument.values}{default}"


def _returned(function: Function) -> Iterator[str]:
    """The types of what it returns; nothing if it returns nothing and a note says so."""
    if function.returns or not any(note.startswith("Returns:") for note in function.notes):
        yield f"Value: {', '.join(function.returns) or 'none'}"


def _needs(function: Function) -> Iterator[str]:
    """What a call needs of its thread, and what it does to its tokens."""
    if function.process:
        names = {argument.name for argument in function.arguments}
        other = ", or a pid other than 0" if "pid" in names else ""
        yield f"Process: the thread needs one{other}"
    held = [argument.name for argument in function.arguments if argument.held]
    if held:
        what = " and ".join(held)
        yield f"Token: the call takes that of {what} and drops it at its end, unless the thread has it"
    if function.token:
        yield "Token: the call takes or releases it; it stays so after the call"
    if function.daemon:
        yield "Daemon: the call never returns"


def _example(function: Function, width: int) -> Iterator[str]:
    found = example_calls({function.name}).get(function.name)
    if found is None:
        yield "No scenario of the library calls it."
        return
    yield f"In the scenario {found.scenario}:"
    yield f"  {found.line}"


def _wrapped(text: str, width: int, first: str, other: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=first if other is None else other,
        break_long_words=False,
        break_on_hyphens=False,
    )
