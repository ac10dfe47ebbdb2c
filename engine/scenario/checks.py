"""What a scenario says about its run: expectations and questions, compiled once and looked at in any run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.debug.moments import check_moment, find_after, find_before, find_step, step_number
from engine.errors import BadInput, Line
from engine.language.expressions import Expression, compile_expression, same_value
from engine.language.symbols import Names
from engine.run.history import History
from engine.run.program import Program
from engine.run.runner import BOUND, PANIC
from engine.scenario.format import ExpectForm, Moment, QuestionForm
from engine.scenario.toml_reader import Section

WORDS: Final = {"yes": 1, "no": 0}
"""Answers in words, besides everything that is an EXPR."""


@dataclass(frozen=True)
class Expectation:
    """`that` holds at a moment; or the run ends with `outcome`, and then there is no expression."""

    at: Moment
    that: str
    outcome: str
    expression: Expression | None
    file: str
    line: Line


@dataclass(frozen=True)
class Checked:
    """An expectation looked at: whether it holds, and if not, what was found instead.

    of_outcome: whether it is about how the run ends, not about an expression.
    """

    at: Moment
    that: str
    ok: bool
    found: str = ""
    of_outcome: bool = False


@dataclass(frozen=True)
class Question:
    """A question: asked at its moment, `value` is what the machine answers, `answer` what the file says."""

    moment: Moment
    after: bool
    ask: str
    choices: tuple[str, ...]
    answer: str
    why: str
    value: Expression
    expected: Expression
    line: Line

    def step(self, history: History, limit: int) -> int:
        """The step at which it is asked.

        Errors: as find_step.
        """
        find = find_after if self.after else find_before
        return find(history, self.moment, limit)

    def is_due(self, history: History) -> bool:
        """Whether it is asked at the cursor, and the file's answer is the machine's there.

        In another branch, on another machine, it may not be. The run is not extended, the cursor stays.
        """
        try:
            return self._due_step(history) == history.step and same_value(
                self.value.show(history.vm), self.expected.show(history.vm)
            )
        except BadInput:
            return False

    def _due_step(self, history: History) -> int:
        """The step at which it is asked: a numbered one need not be recorded yet."""
        number = step_number(self.moment)
        if number is not None:
            return number if self.after else max(number - 1, 0)
        return self.step(history, history.total)


@dataclass(frozen=True)
class Answered:
    """A question asked in a run: whether the file's answer is the machine's, and the machine's value.

    step: -1 when its moment never came. found: why there is no value.
    """

    ok: bool
    answer: str
    value: int | None
    step: int
    found: str = ""


def compile_expectation(form: ExpectForm, names: Names, programs: tuple[Program, ...]) -> Expectation:
    """Compile an [[expect]].

    Errors: BadInput with file and line.
    """
    section = form.section
    if form.outcome:
        return Expectation("end", "", form.outcome, None, section.file, section.at("outcome"))
    _check_moment(section, "at", form.at, programs, end=True)
    line = section.at("that")
    expression = compile_expression(form.that, names, file=section.file, line=line)
    return Expectation(form.at, form.that, "", expression, section.file, line)


def compile_question(form: QuestionForm, names: Names, programs: tuple[Program, ...]) -> Question:
    """Compile a [[question]].

    Errors: BadInput with file and line; also when the answer is not among the choices.
    """
    section = form.section
    key = "after" if form.after else "before"
    _check_moment(section, key, form.moment, programs, end=False)
    value = compile_expression(form.value, names, file=section.file, line=section.at("value"))
    expected = compile_answer(form.answer, names, section.file, section.at("answer"))
    if form.choices and form.answer not in form.choices:
        raise section.error(
            f"the answer {form.answer[:40]!r} is none of the choices; add it to them", "answer"
        )
    for number, choice in enumerate(form.choices):
        compile_answer(choice, names, section.file, section.at("choices", number))
    return Question(
        form.moment,
        form.after,
        form.ask,
        form.choices,
        form.answer,
        form.why,
        value,
        expected,
        section.at(),
    )


def compile_answer(text: str, names: Names, file: str | None = None, line: Line = None) -> Expression:
    """An answer as an EXPR: a number, a constant, `yes` or `no`.

    Errors: BadInput when it is none.
    """
    word = text.strip().lower()
    return compile_expression(str(WORDS[word]) if word in WORDS else text, names, file=file, line=line)


def _check_moment(
    section: Section, key: str, moment: Moment, programs: tuple[Program, ...], *, end: bool
) -> None:
    try:
        check_moment(moment, programs, end=end)
    except BadInput as error:
        raise section.error(error.message, key) from None


# --- in a run ---------------------------------------------------------------------------------------------


def check_expectation(expectation: Expectation, history: History, limit: int) -> Checked:
    """Look at an expectation in a run, which is extended as far as it takes; the cursor stays.

    In another order a moment may never come, or a page not be there that is looked at: it does not hold then.
    """
    if expectation.expression is None:
        return check_outcome(expectation.outcome, history, limit)
    try:
        step = find_step(history, expectation.at, limit)
    except BadInput as error:
        return Checked(expectation.at, expectation.that, False, error.message)
    cursor = history.step
    history.seek(step)
    try:
        ok = expectation.expression.holds(history.vm)
    except BadInput as error:
        return Checked(expectation.at, expectation.that, False, f"at step {step} {error.message}")
    finally:
        history.seek(cursor)
    return Checked(expectation.at, expectation.that, ok, "" if ok else f"it does not hold at step {step}")


def check_outcome(wanted: str, history: History, limit: int) -> Checked:
    """Whether the run ends as wanted: `completed`, ... or `panic:FUNCTION`."""
    find_step(history, "end", limit)
    found = outcome_of(history)
    instead = "" if found == wanted else found
    return Checked("end", f"outcome == {wanted}", found == wanted, instead, of_outcome=True)


def outcome_of(history: History) -> str:
    """How the current branch ended, a panic with its function; `bound` while it has not."""
    branch = history.branch
    function = getattr(branch.finding, "function", None)
    if branch.outcome == PANIC and function:
        return f"panic:{function}"
    return branch.outcome or BOUND


def answer_question(question: Question, history: History, limit: int) -> Answered:
    """Ask a question in a run, which is extended as far as it takes; the cursor stays.

    In another order its moment may never come, or its value not be computed then: the answer is wrong.
    """
    cursor, step = history.step, -1
    try:
        step = question.step(history, limit)
        history.seek(step)
        value, expected = question.value.show(history.vm), question.expected.show(history.vm)
    except BadInput as error:
        return Answered(False, question.answer, None, step, error.message)
    finally:
        history.seek(cursor)
    return Answered(same_value(value, expected), question.answer, value, step)
