"""Example calls: each is a line of the scenario that it names, from the easiest scenario that has one."""

from __future__ import annotations

import pytest

from engine.scenario.example_call import calls_in, example_calls
from engine.scenario.library import OWN
from engine.script.functions import functions


def test_an_example_is_a_line_of_its_scenario() -> None:
    found = example_calls(set(functions()))
    assert len(found) > 80
    for name, example in found.items():
        text = OWN.find(example.scenario).read_text(encoding="utf-8")
        assert example.line in text
        assert f"{name}(" in example.line


def test_the_first_scenario_of_the_list_that_calls_a_function_gives_the_example() -> None:
    names = [listing.name for listing in OWN.listings()]
    example = example_calls({"vm_page_wire"})["vm_page_wire"]
    earlier = names[: names.index(example.scenario)]
    assert not any("\nvm_page_wire(" in OWN.find(name).read_text(encoding="utf-8") for name in earlier)


def test_a_function_that_no_scenario_calls_has_no_example() -> None:
    assert example_calls({"vm_page_no_such_function"}) == {}


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ("m = f(g(1), 2)  # h(3)", [("f", "m = f(g(1), 2)"), ("g", "m = f(g(1), 2)")]),
        ("# f(1)", []),
        ("    f()\n  g()", [("f", "f()"), ("g", "g()")]),
        ("x = app.f(1)", []),
    ],
)
def test_the_calls_of_a_script_are_found_outside_comments(script: str, calls: list[tuple[str, str]]) -> None:
    assert list(calls_in(script)) == calls
