"""The library's questions check something: each value depends on the run, at the moment asked."""

from __future__ import annotations

import ast
import re

import pytest

from engine.debug.moments import find_after
from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.lesson_forms import QuestionForm
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load
from engine.scenario.machine_form import LIMITS
from engine.scenario.question import Question
from engine.scenario.settings import parse_setting

NAMES = OWN.names
VARIABLE = re.compile(r"(?<![\w.\[])([a-z_]\w*)\.([a-z_]\w*)")
MOST_MOMENTS = 400


def asked_in(scenario: Scenario) -> list[tuple[Question, QuestionForm]]:
    """The questions of a scenario, compiled and as written."""
    return list(zip(scenario.questions, scenario.form.questions, strict=True))


# --- what is asked ----------------------------------------------------------------------------------------


def cells_of(value: str) -> list[str]:
    """The cells that an EXPR reads, as text, without the limits that a file sets."""
    tree = ast.parse(value.strip().replace("global.", "Global."), mode="eval")
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Subscript | ast.Call)]
    written = [ast.unparse(node) for node in nodes]
    return [cell for cell in written if cell.rpartition(".")[2] not in LIMITS and cell not in ("vmstats",)]


@pytest.mark.parametrize("name", NAMES)
def test_every_value_reads_a_cell_that_the_file_does_not_set(name: str) -> None:
    for form in load(name).form.questions:
        assert form.about_all or cells_of(form.value), form.ask


def test_a_constant_and_a_limit_do_not_count_as_cells() -> None:
    assert not cells_of("PQ_ACTIVE + 1")
    assert not cells_of("vmstats.v_free_reserved")
    assert cells_of("vmstats.v_free_count - vmstats.v_free_reserved") == ["vmstats.v_free_count"]
    assert cells_of("global.bl_free") == ["Global.bl_free"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_variable_of_a_value_has_been_assigned_when_it_is_read(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    for question, form in asked_in(scenario):
        step = question.step(history, scenario.steps)
        for thread, variable in VARIABLE.findall(form.value):
            lines = next((p.lines for p in scenario.programs if p.name == thread), ())
            pattern = rf"\s*(for )?([\w, ]+, *)?{variable}\b *(,[\w, ]+)?( in |[-+*/|&]?=[^=])"
            assigned = [number for number, line in enumerate(lines, 1) if re.match(pattern, line)]
            if assigned and reaches(history, thread, assigned[0]):
                assert find_after(history, f"{thread}:{assigned[0]}") <= step, f"{form.ask}: {variable}"


def reaches(history: History, thread: str, line: int) -> bool:
    """Whether a thread ever executes a line; a value may ask just that, of a variable that it sets."""
    try:
        return find_after(history, f"{thread}:{line}") >= 0
    except BadInput:
        return False


# --- what the value depends on ----------------------------------------------------------------------------


def values_of(history: History, question: Question) -> set[int | None]:
    """The values of a question over a run, at up to MOST_MOMENTS moments; an error is a value too."""
    found: set[int | None] = set()
    for step in range(0, history.total + 1, max(1, history.total // MOST_MOMENTS)):
        history.seek(step)
        try:
            found.add(question.value.show(history.vm))
        except BadInput:
            found.add(-1)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_has_happened_was_not_so_all_along(name: str) -> None:
    """A `yes` about the run is not true at each of its steps; one about the machine is not of another one."""
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    for number, question in enumerate(scenario.questions):
        if question.about_all or question.answer != "yes" or values_of(history, question) != {1}:
            continue
        assert question.moment == "start", question.ask
        other = load(name, settings=(parse_setting("machine.colors=16"),))
        assert other.questions[number].value.show(other.start().vm) != 1, question.ask


# --- the choices ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_neither_yes_nor_no_is_a_safe_guess() -> None:
    answers = [form.answer for name in NAMES for form in load(name).form.questions if "yes" in form.choices]
    assert 0.35 <= answers.count("yes") / len(answers) <= 0.65
