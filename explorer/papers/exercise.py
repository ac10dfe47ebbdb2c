"""A scenario's questions as a paper asks them: with the choices and the right answer of the run.

Under a scenario's own settings its questions are those of its file, which `pageq check` compares with the
run. Under another machine, other rules or settings the run decides: another answer may be right, and a
question may not be asked at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import BadInput
from engine.questions.asked import asked_by_scenario
from engine.run.history import History
from engine.scenario.lesson_forms import Moment
from engine.scenario.loader import Scenario
from engine.scenario.question import Question


@dataclass(frozen=True)
class Exercise:
    """A question, its choices in the order of the file, the right answer and the reason.

    choices: none if the reader has to write the answer.
    moment:  when it is asked, as the file writes it; None if it is asked when it is decided.
    asked, decided: the steps at which it is asked and decided; None if they were not looked for.
    """

    number: int
    id: str
    ask: str
    choices: tuple[str, ...]
    answer: str
    why: str
    moment: Moment | None
    asked: int | None = None
    decided: int | None = None


@dataclass(frozen=True)
class Exercises:
    """The questions of a scenario that are asked, and why each of the others is left out.

    history: the run, as far as they needed it; None unless the caller wants it.
    """

    scenario: Scenario
    asked: tuple[Exercise, ...]
    left_out: tuple[str, ...] = ()
    history: History | None = None


def exercises_of(scenario: Scenario, *, steps: bool = False, run: bool = False) -> Exercises:
    """Return a scenario's questions in the order of its file.

    steps: whether the caller needs the steps at which they are asked.
    run: whether it needs the whole run; other settings than the file's need one anyway.
    Errors: BadInput if the machine cannot be built, those of Runner.take.
    """
    if not scenario.questions or (scenario.is_own and not run):
        history = scenario.start() if steps and scenario.questions else None
        return Exercises(scenario, tuple(_of_file(scenario, one, history) for one in scenario.questions))
    history = scenario.start()
    asked, left_out = [], []
    for question in scenario.questions:
        try:
            asked.append(_of_run(scenario, question, history))
        except BadInput as error:
            left_out.append(f"{scenario.name}: question {question.number} is left out: {error.message}")
    return Exercises(scenario, tuple(asked), tuple(left_out), history if run else None)


def _of_file(scenario: Scenario, question: Question, history: History | None) -> Exercise:
    moment = scenario.form.questions[question.number - 1].asked
    step = None if history is None or moment is None else _step_of(scenario, question, history)
    return Exercise(
        question.number, question.id, question.ask, question.choices, question.answer, question.why, moment,
        step,
    )  # fmt: skip


def _step_of(scenario: Scenario, question: Question, history: History) -> int | None:
    """Return the step at which a question is asked; None if the run does not come to it."""
    try:
        return question.asked_step(history, scenario.steps)
    except BadInput:
        return None


def _of_run(scenario: Scenario, question: Question, history: History) -> Exercise:
    """Return a question as the run asks it.

    Errors: BadInput if it does not ask it.
    """
    step = question.asked_step(history, scenario.steps)
    # Looking ahead keeps no step that was not recorded before, and a caller needs the one that decides.
    question.step(history, scenario.steps)
    history.seek(step)
    found = asked_by_scenario(question, history)
    answer = found.choices[found.right]
    return Exercise(
        number=question.number,
        id=question.id,
        ask=question.ask,
        # Of choices that have the same value in this run, one is left.
        choices=tuple(choice for choice in question.choices if choice in found.choices),
        answer=answer,
        why=question.why if answer == question.answer else found.why,
        moment=scenario.form.questions[question.number - 1].asked,
        asked=step,
        decided=found.step,
    )
