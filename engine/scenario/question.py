"""Questions of a scenario: compiled once, asked and answered in any run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.debug.moments import AtStep, Point, find_after, find_before, find_step, read_moment
from engine.errors import BadInput, Line
from engine.language.expressions import (
    Expression,
    Unreadable,
    compile_expression,
    same_value,
)
from engine.language.symbols import Names
from engine.run.history import History
from engine.run.program import Program
from engine.scenario.lesson_forms import Moment, QuestionForm
from engine.scenario.toml_reader import Section

WORDS: Final = {"yes": 1, "no": 0}
"""Answers in words that are accepted in addition to an EXPR."""


@dataclass(frozen=True)
class Question:
    """A question: asked at one moment, decided at another, at which `value` is evaluated.

    number:  its number in the file, from 1. id: its name, or its number as a text.
    asked:   when it is asked; None: when it is decided.
    decided: when its value holds; after: whether after the line, not before it.
    moment:  the same as the file writes it.
    stays:   whether its value may be the same when it is asked.
    answer:  the right answer, as the file gives it; expected: as an expression.
    options: the choices as expressions. A choice or an answer that is made of parameters is a number.
    own:     whether the run has the file's own settings; the file's answer is about these only.
    about_all: whether it is about all schedules. Its value is then the file's answer, under any schedule,
             and it is not asked under other settings; nothing in a run decides it.
    """

    number: int
    id: str
    asked: Point | None
    decided: Point
    after: bool
    moment: Moment
    stays: bool
    ask: str
    choices: tuple[str, ...]
    answer: str
    why: str
    value: Expression
    expected: Expression
    line: Line
    options: tuple[Expression, ...]
    own: bool
    about_all: bool = False

    def step(self, history: History, limit: int) -> int:
        """Return the step that decides the question, at which its value is read.

        Errors: as find_step.
        """
        find = find_step if self.about_all else find_after if self.after else find_before
        return find(history, self.decided, limit)

    def asked_step(self, history: History, limit: int) -> int:
        """Return the step at which the question is asked.

        Errors: as find_step.
        """
        return self.step(history, limit) if self.asked is None else find_step(history, self.asked, limit)

    def is_due(self, history: History) -> bool:
        """Whether the question is asked at the cursor. Does not extend the run or move the cursor."""
        try:
            return self._recorded_step(history) == history.step
        except BadInput:
            return False

    def _recorded_step(self, history: History) -> int:
        """Return the step at which it is asked; a step given as a number may not be recorded yet."""
        point = self.decided if self.asked is None else self.asked
        if isinstance(point, AtStep):
            early = self.asked is None and not self.after
            return max(point.number - 1, 0) if early else point.number
        return self.asked_step(history, history.total)

    def right_answer(self, history: History) -> str | None:
        """Return the right answer at the cursor; None if there is none, and the question cannot be asked.

        It is the file's answer if that equals the value. In another branch it may differ. Under settings that
        are not the file's own, it is the choice that equals the value; without choices, the value. A question
        about all schedules then has none.
        Errors: BadInput if an expression cannot be evaluated.
        """
        if self.about_all:
            return self.answer if self.own else None
        vm = history.vm
        value = self.value.show(vm)
        asked = not self.choices or self.answer in self.choices
        if asked and same_value(value, self.expected.show(vm)):
            return self.answer
        if self.own:
            return None
        if not self.choices:
            return "NULL" if value is None else str(value)
        equal = (same_value(value, option.show(vm)) for option in self.options)
        return next((choice for choice, right in zip(self.choices, equal, strict=True) if right), None)


@dataclass(frozen=True)
class Answered:
    """The result of a question in a run: whether the file's answer equals the value, and the value.

    ok:     None if the question is not asked; that does not happen in the run that the file describes.
    answer: the right answer under the run's settings; None if the question is not asked.
    step:   -1 if the moment was never reached. found: why there is no value, or why it is not asked.
    """

    ok: bool | None
    answer: str | None
    value: int | None
    step: int
    found: str = ""


def compile_question(
    form: QuestionForm,
    number: int,
    names: Names,
    programs: tuple[Program, ...],
    *,
    own: bool = True,
    default: bool = True,
) -> Question:
    """Compile a [[question]].

    number:  its number in the file, from 1.
    own:     whether the run has the file's own settings.
    default: whether the file's parameters have their default values. Under others the answer may not
             be one of the choices, and choices that then have the value of an earlier one are left out.
    Errors: BadInput with file and line, also if the answer is not one of the choices.
    """
    section = form.section
    key = "asked" if form.about_all else "after" if form.after else "before"
    every = _options(form, names)
    choices, options = _distinct(every)
    expected = _answer_of(form, names)
    answer = _chosen(_as_shown(form.answer, expected), expected, choices, options, names)
    if default and choices and answer not in choices:
        raise section.error(
            f"the answer {form.answer[:40]!r} is not one of the choices; add it to choices", "answer"
        )
    if default and (fault := _fault(form, every)):
        raise fault
    return Question(
        number=number,
        id=form.id,
        asked=None if form.asked is None else point_of(section, "asked", form.asked, programs, names),
        decided=point_of(section, key, form.moment, programs, names),
        after=form.after,
        moment=form.moment,
        stays=form.stays,
        ask=form.ask,
        choices=choices,
        answer=answer,
        why=form.why,
        value=expected
        if form.about_all
        else compile_expression(form.value, names, file=section.file, line=section.at("value")),
        expected=expected,
        line=section.at(),
        options=options,
        own=own,
        about_all=form.about_all,
    )


def _answer_of(form: QuestionForm, names: Names) -> Expression:
    """Compile the answer.

    Errors: BadInput with file and line.
    """
    section = form.section
    answer = compile_answer(form.answer, names, section.file, section.at("answer"))
    if form.about_all and answer.constant is None:
        words = f"the answer {form.answer[:40]!r} depends on the run, but without value, before and after"
        right = "write a number, a constant, yes or no, or add value, and before or after"
        raise section.error(f"{words} the question is about all schedules; {right}", "answer")
    return answer


def choices_fault(form: QuestionForm, names: Names) -> BadInput | None:
    """Return the error that two choices have the same value, so far as that does not depend on the run."""
    return _fault(form, _options(form, names))


@dataclass(frozen=True)
class _Option:
    """A choice; `key` is its value, or its text if the value depends on the run."""

    text: str
    expression: Expression
    key: object


def _options(form: QuestionForm, names: Names) -> tuple[_Option, ...]:
    """Compile the choices.

    Errors: BadInput with file and line.
    """
    section, found = form.section, []
    for n, text in enumerate(form.choices):
        expression = compile_answer(text, names, section.file, section.at("choices", n))
        value = expression.constant
        found.append(_Option(text, expression, " ".join(text.split()) if value is None else value))
    return tuple(found)


def _fault(form: QuestionForm, options: tuple[_Option, ...]) -> BadInput | None:
    section, found = form.section, dict[object, str]()
    for number, option in enumerate(options):
        if option.key in found:
            same = f"the choices {found[option.key][:40]!r} and {option.text[:40]!r} have the same value"
            words = f"{same}, so both would be right or wrong; remove one of them"
            key_of_all = (*section.path, "choices")
            return BadInput(words, file=section.file, line=section.at("choices", number), key=key_of_all)
        found[option.key] = option.text
    return None


def _distinct(options: tuple[_Option, ...]) -> tuple[tuple[str, ...], tuple[Expression, ...]]:
    """Return the choices as they are shown, without those that have the value of an earlier one."""
    first: dict[object, _Option] = {}
    for option in options:
        first.setdefault(option.key, option)
    kept = first.values()
    shown = tuple(_as_shown(option.text, option.expression) for option in kept)
    return shown, tuple(option.expression for option in kept)


def _as_shown(text: str, expression: Expression) -> str:
    """Return a choice or an answer as its reader sees it: one that is made of parameters is a number."""
    return str(expression.constant) if expression.parameters and expression.constant is not None else text


def _chosen(
    answer: str, expected: Expression, choices: tuple[str, ...], options: tuple[Expression, ...], names: Names
) -> str:
    """Return an answer in the spelling of the choice that has its value: `2 * n` is 8, or 0x8."""
    value = expected.constant if names.parameters and answer not in choices else None
    if value is None:
        return answer
    pairs = zip(choices, options, strict=True)
    return next((choice for choice, option in pairs if option.constant == value), answer)


def compile_answer(text: str, names: Names, file: str | None = None, line: Line = None) -> Expression:
    """Compile an answer: an EXPR such as a number or a constant, `yes` or `no`.

    Errors: BadInput if it is neither.
    """
    word = text.strip().lower()
    try:
        return compile_expression(str(WORDS[word]) if word in WORDS else text, names, file=file, line=line)
    except Unreadable:
        right = "use a number, a constant such as PQ_NONE, an EXPR, yes or no"
        raise BadInput(f"{text[:40]!r} is not an answer; {right}", file=file, line=line) from None


def point_of(
    section: Section,
    key: str,
    moment: Moment,
    programs: tuple[Program, ...],
    names: Names,
    *,
    end: bool = False,
) -> Point:
    """Read the moment of a key.

    end: whether `end` is allowed.
    Errors: BadInput at the key.
    """
    try:
        return read_moment(moment, programs, names, end=end)
    except BadInput as error:
        raise section.error(error.message, key) from None


# --- in a run ---------------------------------------------------------------------------------------------


def answer_question(question: Question, history: History, limit: int, *, own: bool = True) -> Answered:
    """Answer a question in a run, extending the run as far as needed; the cursor does not move.

    In the run that the file describes, the answer is wrong if a moment never comes, if the value fails, or if
    the question is not asked before the step that decides it. In any other run the question is then not
    asked.

    own: whether the run has the file's own schedule, and is not cut short.
    """
    own = own and question.own
    cursor, step = history.step, -1
    try:
        asked = question.asked_step(history, limit)
        step = question.step(history, limit)
        if question.asked is not None and asked >= step and not question.about_all:
            words = f"it is asked at step {asked}, not before step {step}"
            return _wrong(question, None, step, words, own=own)
        history.seek(step)
        value, right = question.value.show(history.vm), question.right_answer(history)
    except BadInput as error:
        return _wrong(question, None, step, error.message, own=own)
    finally:
        history.seek(cursor)
    if right is None and question.about_all:
        return Answered(None, None, None, step, OF_ONE_SETTING)
    if right is None:
        # The schedule is not a setting: the answer is checked under any.
        found = "" if question.own else "the choices do not have its value"
        return _wrong(question, value, step, found, own=question.own)
    return Answered(True, right, value, step)


OF_ONE_SETTING: Final = "its answer is about all schedules under the file's own settings"
"""Why a question about all schedules is not asked under other settings."""


def _wrong(question: Question, value: int | None, step: int, found: str, *, own: bool) -> Answered:
    if own:
        return Answered(False, question.answer, value, step, found)
    return Answered(None, None, value, step, found)
