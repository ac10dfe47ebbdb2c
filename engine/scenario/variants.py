"""Whether each variant of a scenario with parameters is what its file promises.

The caller loads a variant: the scenario with one value of each parameter. Here it is started, and its
questions are asked: whichever values a seed chooses, a student gets every question, and can answer it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.errors import BadInput
from engine.scenario.lesson_forms import QuestionForm
from engine.scenario.loader import Scenario
from engine.scenario.parameters import Values, value_words
from engine.scenario.question import Answered, choices_fault
from engine.words import plural


def question_faults(scenario: Scenario) -> Iterator[BadInput]:
    """Yield what is wrong with the questions in a run of a scenario, in order, with file and line.

    A question is right if it is asked, and one of its choices has its value.
    Errors: BadInput if the scenario cannot be started, or as Runner.take.
    """
    history = scenario.start()
    for form, answered in zip(scenario.form.questions, scenario.answers(history), strict=True):
        if fault := choices_fault(form, scenario.names):
            yield fault
        elif not answered.ok:
            yield form.section.error(_why(form, answered))


def _why(form: QuestionForm, answered: Answered) -> str:
    if form.about_all:
        right = "remove the question, or the parameters"
        return f"the question is about all schedules, and its answer may depend on the parameters; {right}"
    value = "NULL" if answered.value is None else str(answered.value)
    if answered.found and answered.value is None:
        return f"the question is not asked: {answered.found}"
    if form.choices:
        return f"the value is {value}, and the right answer is not among the choices; add it to choices"
    return f"the value is {value}, and the answer is {answered.answer}; make them equal"


def merged(found: Iterable[tuple[Values, BadInput]], count: int) -> list[BadInput]:
    """Return the errors of `count` variants, each once; the messages name the values unless all have it.

    found: each error with the values of its variant.
    """
    known: dict[tuple[str | None, int | None, str], list[Values]] = {}
    first: dict[tuple[str | None, int | None, str], BadInput] = {}
    for values, error in found:
        key = error.file, error.line, error.message
        known.setdefault(key, []).append(values)
        first.setdefault(key, error)
    return [_with_values(first[key], with_it, count) for key, with_it in known.items()]


def _with_values(error: BadInput, variants: list[Values], count: int) -> BadInput:
    if len(variants) == count:
        return error
    more = f" and {plural(len(variants) - 1, 'other variant')}" if variants[1:] else ""
    words = f"with {value_words(variants[0])}{more}: {error.message}"
    return BadInput(words, file=error.file, line=error.line, key=error.key)
