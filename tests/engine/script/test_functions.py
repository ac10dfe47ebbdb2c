"""The reference of scripts' functions: it lists exactly what the compiler accepts."""

from __future__ import annotations

import builtins as python
import inspect
import pkgutil
from importlib import import_module

import pytest

from engine import kernel
from engine.errors import BadInput
from engine.kernel.arguments import RANGES
from engine.language import values
from engine.scenario.loader import load_text
from engine.script.functions import EXPRESSIONS, Argument, functions, group_of
from engine.script.source import RESERVED
from engine.script.verbs import DAEMONS, verbs
from tests.explorer.reference_pages import first_column, sections

HEAD = """
format = 1
title = "a"
machine.memory = "4 MiB"
[[object]]
name = "heap"
[[thread]]
name = "app"
"""


def refusal(line: str) -> str:
    """The message of the compiler about a line of a script; "" if it accepts the line."""
    try:
        load_text(f"{HEAD}script = '''\n{line}\n'''\n")
    except BadInput as error:
        return error.message
    return ""


def every_name() -> set[str]:
    """Names of many kinds: of everything in the kernel's modules, in Python and in the script language."""
    modules = [
        import_module(found.name)
        for found in pkgutil.walk_packages(kernel.__path__, "engine.kernel.")
        if not found.ispkg
    ]
    names = {name for module in modules for name in vars(module)}
    names |= {*vars(python), *RESERVED, *verbs(), "heap", "app", "curproc", "pmap"}
    return {name for name in names if name.isidentifier() and not name.startswith("_")}


@pytest.mark.slow
def test_a_name_is_listed_if_and_only_if_the_compiler_knows_it_as_a_function() -> None:
    unknown = "is not a function that scripts can call"
    names = every_name()
    assert len(names) > 800
    # A name of Python's that is a keyword cannot be called at all.
    callable_names = [name for name in names if "cannot read this" not in refusal(f"{name}()")]
    accepted = {name for name in callable_names if unknown not in refusal(f"x = {name}()")}
    assert accepted - {"range"} == set(functions())


SAMPLES = {"a page": "m", "an object": "heap", "a string": '"vm.v_free_min"'}


def sample(argument: Argument) -> str:
    """A value for an argument."""
    if argument.constants:
        return argument.constants[0]
    return SAMPLES.get(argument.type, str(max(argument.low or 0, 0)))


@pytest.mark.parametrize("name", [name for name, one in functions().items() if one.group != EXPRESSIONS])
def test_a_listed_function_is_accepted_with_the_listed_arguments_and_results(name: str) -> None:
    function = functions()[name]
    given = [sample(argument) for argument in function.arguments]
    targets = "".join(f"r{n}, " for n in range(len(function.returns))).removesuffix(", ")
    call = f"{f'{targets} = ' if targets else ''}{name}({', '.join(given)})"
    setup = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"
    if function.process and not any(argument.name == "pid" for argument in function.arguments):
        assert "needs an address space" in refusal(f"{setup}\n{call}")
        return
    assert refusal(f"{setup}\n{call}") == ""
    least = sum(argument.default is None for argument in function.arguments)
    if least:
        assert "wrong arguments" in refusal(f"{setup}\n{name}({', '.join(given[: least - 1])})")


@pytest.mark.parametrize("name", [name for name, one in functions().items() if one.group == EXPRESSIONS])
def test_a_function_of_expressions_takes_as_many_arguments_as_listed(name: str) -> None:
    function = functions()[name]
    words = {"PAGE": "m", "BASE": "FREE", "THREAD": "app", "LOCK": "heap", "ADDRESS": "0x1000", "CPU": "0"}
    given = [words[argument.name] for argument in function.arguments]
    setup = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"
    assert refusal(f"{setup}\nx = {name}({', '.join(given)})") == ""
    assert function.forms[0] in refusal(f"{setup}\nx = {name}({', '.join([*given, '1'])})")


def test_the_groups_are_those_of_the_reference() -> None:
    page = {form: group for group, text in sections("scripts").items() for form in first_column(text)}
    own = {one.forms[0]: one.group for one in functions().values() if one.group != EXPRESSIONS}
    assert own == page
    assert list(dict.fromkeys(own.values())) == list(dict.fromkeys(page.values()))


def test_every_verb_has_a_group() -> None:
    assert {name: group_of(verb) for name, verb in verbs().items() if not group_of(verb)} == {}


def test_the_arguments_of_an_allocation_have_their_types_and_constants() -> None:
    obj, pindex, request = functions()["vm_page_alloc"].arguments
    assert (obj.values, obj.held) == ("an object, or NULL", True)
    assert pindex.values == "a number from -2^63 to 2^63 - 1"
    assert request.values.startswith("a number: VM_ALLOC_NORMAL, VM_ALLOC_SYSTEM, ")
    assert all(name in values.CONSTANTS for name in request.constants)
    assert functions()["vm_page_alloc"].returns == ("a page",)


def test_an_optional_argument_has_its_default() -> None:
    found = {
        (function.name, argument.name): argument.default
        for function in functions().values()
        for argument in function.arguments
    }
    assert found["tick", "n"] == "1"
    assert found["vm_page_busy_wait", "wmesg"] == '"pgbsy"'
    assert found["vm_wait_pfault", "process"] == "NULL"
    assert found["vm_page_busy_wait", "m"] is None


def test_a_limit_that_the_machine_decides_is_in_words() -> None:
    (cpu,) = functions()["vmstats_rollup_cpu"].arguments
    assert (cpu.high, cpu.values) == (None, "a number from 0 to the last cpu")
    assert all(one.last for one in RANGES.values() if not isinstance(one.high, int))
    words = [argument.values for one in functions().values() for argument in one.arguments]
    assert [text for text in words if text.endswith("to ")] == []


def test_what_a_call_needs_is_said() -> None:
    needs = {name: (one.process, one.token, one.daemon) for name, one in functions().items()}
    assert needs["read"] == (True, False, False)
    assert needs["vm_object_hold"] == (False, True, False)
    assert {name for name, (_, _, daemon) in needs.items() if daemon} == {*DAEMONS}


def test_a_function_with_two_forms_has_both() -> None:
    assert functions()["pmap_enter"].forms == (
        "pmap_enter(m, writeable)",
        "pmap_enter(pmap, va, m, prot, wired)",
    )


def test_every_function_says_what_it_does_without_our_papers() -> None:
    for function in functions().values():
        for text in (function.summary, *function.notes):
            assert text
            assert "`" not in text
            assert "DESIGN" not in text
            assert " spec " not in text


def test_a_note_about_an_argument_that_scripts_do_not_give_is_left_out() -> None:
    notes = functions()["vm_wait_pfault"].notes
    assert not any(note.startswith("p: ") for note in notes)
    assert any(note.startswith("process: ") for note in notes)
    source = inspect.getdoc(verbs()["vm_wait_pfault"].function) or verbs()["vm_wait_pfault"].docstring
    assert "\np:" in source
