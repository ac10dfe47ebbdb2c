"""Expectations and questions of a scenario: compiled once, evaluated in any run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.debug.moments import check_moment, find_after, find_before, find_step, step_number
from engine.errors import BadInput, Line
from engine.language.expressions import Expression, compile_expression, same_value
from engine.language.symbols import Names
from engine.run.endings import LEAK
from engine.run.history import History
from engine.run.program import Program
from engine.run.runner import BOUND, PANIC
from engine.run.threads import COMPLETED
from engine.scenario.format import ExpectForm, Moment, QuestionForm
from engine.scenario.toml_reader import Section

WORDS: Final = {"yes": 1, "no": 0}
"""Answers in words that are accepted in addition to an EXPR."""


@dataclass(frozen=True)
class Expectation:
    """Expects `that` to hold at a moment, or, without an expression, the run to end with `outcome`."""

    at: Moment
    that: str
    outcome: str
    expression: Expression | None
    file: str
    line: Line


@dataclass(frozen=True)
class Checked:
    """The result of an expectation: whether it holds, and if not, what was found instead.

    of_outcome: whether it is about the outcome of the run, not about an expression.
    """

    at: Moment
    that: str
    ok: bool
    found: str = ""
    of_outcome: bool = False


@dataclass(frozen=True)
class Question:
    """A question asked at a moment: `value` is evaluated in the machine, `answer` is given by the file.

    options: the choices as expressions.
    own:     whether the run has the file's own settings; the file's answer is about these only.
    """

    moment: Moment
    after: bool
    ask: str
    choices: tuple[str, ...]
    answer: str
    why: str
    value: Expression
    expected: Expression
    line: Line
    options: tuple[Expression, ...]
    own: bool

    def step(self, history: History, limit: int) -> int:
        """Return the step at which the question is asked.

        Errors: as find_step.
        """
        find = find_after if self.after else find_before
        return find(history, self.moment, limit)

    def is_due(self, history: History) -> bool:
        """Whether the question is asked at the cursor and has a right answer there.

        Does not extend the run or move the cursor.
        """
        try:
            return self._due_step(history) == history.step and self.right_answer(history) is not None
        except BadInput:
            return False

    def right_answer(self, history: History) -> str | None:
        """Return the right answer at the cursor; None if there is none, and the question cannot be asked.

        It is the file's answer if that equals the value. In another branch it may differ. Under settings that
        are not the file's own, it is the choice that equals the value; without choices, the value.
        Errors: BadInput if an expression cannot be evaluated.
        """
        vm = history.vm
        value = self.value.show(vm)
        if same_value(value, self.expected.show(vm)):
            return self.answer
        if self.own:
            return None
        if not self.choices:
            return "NULL" if value is None else str(value)
        equal = (same_value(value, option.show(vm)) for option in self.options)
        return next((choice for choice, right in zip(self.choices, equal, strict=True) if right), None)

    def _due_step(self, history: History) -> int:
        """Return the step at which the question is asked; a numbered step may not be recorded yet."""
        number = step_number(self.moment)
        if number is not None:
            return number if self.after else max(number - 1, 0)
        return self.step(history, history.total)


@dataclass(frozen=True)
class Answered:
    """The result of a question in a run: whether the file's answer equals the value, and the value.

    ok:     None if the question is not asked; that happens only under other settings than the file's own.
    answer: the right answer under the run's settings; None if the question is not asked.
    step:   -1 if the moment was never reached. found: why there is no value, or why it is not asked.
    """

    ok: bool | None
    answer: str | None
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


def compile_question(
    form: QuestionForm, names: Names, programs: tuple[Program, ...], *, own: bool = True
) -> Question:
    """Compile a [[question]]; own: whether the run has the file's own settings.

    Errors: BadInput with file and line, also if the answer is not one of the choices.
    """
    section = form.section
    key = "after" if form.after else "before"
    _check_moment(section, key, form.moment, programs, end=False)
    value = compile_expression(form.value, names, file=section.file, line=section.at("value"))
    expected = compile_answer(form.answer, names, section.file, section.at("answer"))
    if form.choices and form.answer not in form.choices:
        raise section.error(
            f"the answer {form.answer[:40]!r} is not one of the choices; add it to choices", "answer"
        )
    options = [
        compile_answer(choice, names, section.file, section.at("choices", number))
        for number, choice in enumerate(form.choices)
    ]
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
        tuple(options),
        own,
    )


def compile_answer(text: str, names: Names, file: str | None = None, line: Line = None) -> Expression:
    """Compile an answer: an EXPR such as a number or a constant, `yes` or `no`.

    Errors: BadInput if it is neither.
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
    """Check an expectation in a run, extending the run as far as needed; the cursor does not move.

    Under another schedule the moment may never come, or the expression may fail: it then does not hold.
    """
    if expectation.expression is None:
        return check_outcome(expectation.outcome, history, limit, written=True)
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


def check_outcome(wanted: str, history: History, limit: int, *, written: bool = False) -> Checked:
    """Check whether the run ends with the outcome `wanted`: `completed`, ... or `panic:FUNCTION`.

    written: as for `accepts`.
    """
    find_step(history, "end", limit)
    found = outcome_of(history)
    ok = accepts(wanted, found, written=written)
    return Checked("end", f"outcome == {wanted}", ok, "" if ok else found, of_outcome=True)


def accepts(wanted: str, found: str, *, written: bool) -> bool:
    """Whether a run that ends with the outcome `found` is as expected.

    written: whether a file says `outcome = WANTED`; its `completed` also accepts a leak.
    """
    return found == wanted or (written and (wanted, found) == (COMPLETED, LEAK))


def outcome_of(history: History) -> str:
    """Return the outcome of the current branch, a panic with its function; `bound` if it has not ended."""
    branch = history.branch
    function = getattr(branch.finding, "function", None)
    if branch.outcome == PANIC and function:
        return f"panic:{function}"
    return branch.outcome or BOUND


def answer_question(question: Question, history: History, limit: int) -> Answered:
    """Answer a question in a run, extending the run as far as needed; the cursor does not move.

    Under another schedule the moment may never come, or the value may fail: the answer is then wrong. Under
    other settings than the file's own, the question is then not asked.
    """
    cursor, step = history.step, -1
    try:
        step = question.step(history, limit)
        history.seek(step)
        value, right = question.value.show(history.vm), question.right_answer(history)
    except BadInput as error:
        return _wrong(question, None, step, error.message)
    finally:
        history.seek(cursor)
    if right is None:
        return _wrong(question, value, step, "" if question.own else "the choices do not have its value")
    return Answered(True, right, value, step)


def _wrong(question: Question, value: int | None, step: int, found: str) -> Answered:
    if question.own:
        return Answered(False, question.answer, value, step, found)
    return Answered(None, None, value, step, found)
