"""Calls typed at the console: threads of their own, beside the scenario's."""

from __future__ import annotations

import pytest

from engine.errors import BadInput, CapacityError
from engine.language.symbols import Kind
from engine.run.program import Program
from engine.scenario.loader import Scenario, load_text
from engine.script.injected_call import compile_call, console_owner
from tests.engine.scenario.some_pages import PAGES, pages

TEXT = """format = 1
title = "Called from outside"
[machine]
memory = "4 MiB"
[[object]]
name = "heap"
[[thread]]
name = "app"
script = \"\"\"
m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
number = 3
vm_page_wakeup(m)
\"\"\"
"""


@pytest.fixture
def scenario() -> Scenario:
    return load_text(TEXT)


def test_a_call_reads_the_other_threads_variables_and_has_its_own(scenario: Scenario) -> None:
    history = scenario.start()
    history.extend(1000)
    program, names = compile_call("n = app.number + 4\nvm_page_hold(app.m)", scenario.names)
    history.inject(program)
    history.extend(1000)
    assert history.outcome == "leak"
    assert history.vm.variable.value[names.variables["console"]["n"].slot] == 7
    m = history.vm.variable.value[names.variables["app"]["m"].slot]
    assert history.vm.page.hold_count[m] == 1


def test_the_new_variables_follow_all_others_whose_kinds_stay(scenario: Scenario) -> None:
    before = dict(scenario.names.variables["app"])
    program, names = compile_call("x = vm_page_alloc(heap, 5, 0)\ny = 2", scenario.names)
    last = max(variable.slot for variable in before.values())
    assert sorted(program.names.values()) == [last + 1, last + 2]
    assert names.variables["app"] == before
    assert names.variables["console"]["x"].kind is Kind.PAGE
    assert program.zeroed == {names.variables["console"]["y"].slot}
    assert scenario.names.threads == ("app",)
    assert names.threads == ("app", "console")


def test_a_second_console_knows_the_first(scenario: Scenario) -> None:
    _, names = compile_call("x = 1", scenario.names)
    assert console_owner(names) == "console2"
    program, more = compile_call("y = console.x", names, owner=console_owner(names))
    assert program.names["y"] == names.variables["console"]["x"].slot + 1
    assert more.threads == ("app", "console", "console2")


def test_a_call_can_be_made_when_the_run_has_ended(scenario: Scenario) -> None:
    history = scenario.start()
    history.extend(1000)
    assert history.outcome == "completed"
    history.inject(compile_call("x = 1", scenario.names)[0])
    assert history.extend(10) == 1
    assert history.outcome == "completed"


def test_after_a_panic_nothing_is_called(scenario: Scenario) -> None:
    history = scenario.start()
    history.extend(1000)
    history.inject(compile_call("vm_page_wakeup(app.m)", scenario.names)[0])
    history.extend(1000)
    assert history.outcome == "panic"
    with pytest.raises(BadInput, match="step back first"):
        history.inject(compile_call("x = 1", scenario.names, owner="late")[0])


REFUSED = [
    ("nothing", "", "there is nothing to call"),
    ("a comment", "# later", "there is nothing to call"),
    ("a value", "app.m.queue", "has no effect"),
    ("an unknown function", "vm_page_fre(app.m)", "did you mean vm_page_free"),
    ("a name that is unknown", "vm_page_free(p)", "'p' is not a variable"),
    ("no Python", "vm_page_free(", "never closed|invalid|unexpected"),
    ("a name that is a thread", "app = 1", "is reserved"),
    ("far too much", "x = 1\n" * 1000, "the limit is 4000"),
]


@pytest.mark.parametrize(("text", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_bad_call_is_refused(text: str, message: str, scenario: Scenario) -> None:
    with pytest.raises(BadInput, match=message) as refused:
        compile_call(text, scenario.names)
    assert refused.value.file is None


def test_a_line_of_several_is_named(scenario: Scenario) -> None:
    with pytest.raises(BadInput, match=r"^console:2: "):
        compile_call("x = 1\nvm_page_free(q)", scenario.names)


def test_a_taken_owner_is_refused(scenario: Scenario) -> None:
    with pytest.raises(BadInput, match="is reserved"):
        compile_call("x = 1", scenario.names, owner="app")


def test_too_many_variables_are_a_message(scenario: Scenario) -> None:
    history = scenario.start()
    beyond = history.vm.variable.length
    program: Program = compile_call("x = 1", scenario.names, first=beyond)[0]
    with pytest.raises(CapacityError, match="variables, all in use"):
        history.inject(program)


def test_the_cells_of_other_variables_are_refused(scenario: Scenario) -> None:
    _, names = compile_call("z = 1", scenario.names)
    first = names.variables["console"]["z"].slot
    compile_call("z = 1", scenario.names, first=first + 5)
    for wrong in (first - 1, 0, -300):
        with pytest.raises(BadInput, match=f"start at cell {wrong}, which is in use; the first is {first}"):
            compile_call("z = 1", scenario.names, first=wrong)
    # A call without variables has none to put anywhere.
    compile_call("tick()", scenario.names, first=0)


def test_a_call_reads_a_parameter_and_cannot_assign_to_it() -> None:
    names = pages("n=6").names
    _, found = compile_call("x = n + 1", names)
    assert found.parameters == names.parameters
    assert found.variables["console"].keys() == {"x"}
    with pytest.raises(BadInput, match=r"^n is a parameter of the scenario; a script only reads it"):
        compile_call("n = 3", names)
    with pytest.raises(BadInput, match="the name n is reserved or taken"):
        compile_call("x = 3", names, owner="n")


def test_a_console_does_not_take_the_name_of_a_parameter() -> None:
    names = pages(text=PAGES.replace("[parameters]", "[parameters]\nconsole = 1")).names
    assert console_owner(names) == "console2"
