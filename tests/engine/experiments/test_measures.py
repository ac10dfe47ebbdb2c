"""Measures: EXPR at the end of a run, with figures, divisions and decimals."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.experiments.arithmetic import Number
from engine.experiments.measures import End, compile_measure, evaluate_measures, finite
from engine.language.values import Place
from engine.scenario.loader import load_text

TEXT = '''format = 1
title = "one page"
[[object]]
name = "heap"
[[thread]]
name = "app"
script = """
m = vm_page_alloc(heap, 5, VM_ALLOC_NORMAL)
n = NULL
x = 7
"""
'''

SCENARIO = load_text(TEXT)
HISTORY = SCENARIO.start()
SCENARIO.run(HISTORY)

FIGURES: dict[str, Number] = {"run.steps": 40, "run.latency.mean": None, "run.threads.app.touches": 3}
END = End(HISTORY.vm, FIGURES.__getitem__)


def check_known(name: str) -> None:
    if name not in FIGURES:
        raise BadInput(f"there is no figure {name}")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("app.x", 7),
        ("app.x / 2 + 0.5", 4.0),
        ("run.steps // app.x", 5),
        ("run.threads.app.touches", 3),
        ("run.latency.mean", None),
        ("run.latency.mean + 1", None),
        ("app.n", None),
        ("app.n == NULL", 1),
        ("queue_of(app.m) == PQ_NONE and run.steps == 40", 1),
        ("object[heap].resident_page_count", 1),
    ],
)
def test_a_value(text: str, wanted: Number) -> None:
    measure = compile_measure(text, SCENARIO.names, check_known, Place())
    assert measure.evaluate(END) == wanted


def test_a_page_is_its_number_and_figures_are_listed() -> None:
    measure = compile_measure("app.m + run.steps * run.steps", SCENARIO.names, check_known, Place())
    assert measure.figures == ("run.steps",)
    m = SCENARIO.expression("app.m").show(HISTORY.vm)
    assert measure.evaluate(END) == (m or 0) + 1600


@pytest.mark.parametrize("text", ["run.stops", "run", "run[1]", "app.y", "mean(x)", "run.steps(1)", ""])
def test_what_is_not_a_measure_has_its_place(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        compile_measure(text, SCENARIO.names, check_known, Place("e.toml", 9))
    assert (caught.value.file, caught.value.line) == ("e.toml", 9)


def test_a_thread_cannot_be_called_run() -> None:
    names = load_text(TEXT.replace('"app"', '"run"')).names
    with pytest.raises(BadInput, match="reserved"):
        compile_measure("1 / 2", names, check_known, Place())


def test_a_run_without_a_machine_has_figures_only() -> None:
    end = End(None, FIGURES.__getitem__)
    assert compile_measure("run.steps / (2 * 4)", None, check_known, Place()).evaluate(end) == 5.0
    with pytest.raises(BadInput, match="overflows"):
        compile_measure("1 << 62 << 62", None, check_known, Place()).evaluate(end)
    with pytest.raises(BadInput, match="no machine"):
        compile_measure("run.steps + count(FREE)", None, check_known, Place())


def test_a_measure_that_cannot_be_evaluated_is_null_with_a_note() -> None:
    texts = {"bad": "app.n.wire_count + run.steps", "zero": "run.steps % 0", "good": "run.steps"}
    measures = {
        name: compile_measure(text, SCENARIO.names, check_known, Place()) for name, text in texts.items()
    }
    values, notes = evaluate_measures(measures, END)
    assert values == {"bad": None, "zero": None, "good": 40}
    assert [note.partition(":")[0] for note in notes] == ["bad", "zero"]


def test_a_measure_is_never_infinite() -> None:
    assert [finite(value) for value in (1, None, float("inf"), float("-inf"), float("nan"))] == [
        1,
        *[None] * 4,
    ]
