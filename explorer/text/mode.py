"""Text mode: the commands of the screen, one per line, with the effect of each in sentences.

The desk of `explorer.commands` without a screen. It gets a line as a string and returns lines; input and
output are in `explorer.cli.text`. Does not import Textual.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from engine.errors import BadInput, InvariantViolation
from engine.inputs.dumps.moment import DumpMoment
from engine.questions.generated import Prediction
from engine.scenario.parameters import value_words
from engine.words import plural
from explorer.commands.completion import choices
from explorer.commands.lesson import carry_out
from explorer.commands.table import COMMANDS, VERBS, Command, parse
from explorer.lenses.kit.registry import LENSES
from explorer.session import experiment, exploration, predictions, questions, saved_moment, stepping
from explorer.session.announcements import seen_code
from explorer.session.ending import follow_end
from explorer.session.open import open_again, open_other
from explorer.session.progress_log import ProgressLog
from explorer.session.question_row import question_row
from explorer.session.session import REFUSALS, Session
from explorer.session.stepping import Motion
from explorer.session.undo import Undo
from explorer.text import sentences
from explorer.text.code_sentences import outline_sentences
from explorer.text.declining import Declining, ScreenOnly
from explorer.text.lesson_sentences import lesson_sentences, page_sentences
from explorer.text.question_sentences import question_sentences
from explorer.text.sentences import sentence
from explorer.text.stage_sentences import stage_sentences
from explorer.text.verbs import BY_KEY, TAIL, help_lines, own_verb
from explorer.tui import export
from explorer.views.question import QuestionRow
from explorer.views.stage import stage_row

SCREEN: Final = (120, 40)
"""Size of the screen in an exported picture or text."""

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at a search of all schedules, and at the keyboard."""

MOST_CHOICES: Final = 20
"""Up to this number, the choices of a missing argument are listed."""


def _verb(command: str) -> str:
    return COMMANDS[command].word


def _picture(session: Session, size: export.Size) -> str:
    # Imported here because only a picture needs Textual.
    from explorer.tui.picture import picture

    return picture(session, size)


class TextDesk(Declining):
    """A session in text mode.

    asks: whether a user is there to answer, on a terminal.
    lessons: whether, on a terminal, a page of the lesson is printed when it opens.
    progress_log: what the user has done.
    over: the user has quit.
    busy: a command is running, so an interrupt stops the command and not the program.
    stop_asked: the user sent an interrupt; the run stops after the current slice.
    """

    def __init__(
        self,
        session: Session,
        *,
        asks: bool = False,
        lessons: bool = True,
        log: ProgressLog | None = None,
    ) -> None:
        self.session = session
        self.asks = asks
        self.lessons = lessons
        self.progress_log = log or ProgressLog()
        self.undo = Undo()
        self.over = False
        self.busy = False
        self.stop_asked = False
        self._command = COMMANDS["help"]
        self._lens = session.lens
        self._output: list[str] = []
        self._question: Prediction | None = None
        self._row: QuestionRow | None = None

    @property
    def is_asked(self) -> bool:
        """Whether a question of the scenario is open."""
        return questions.asked_here(self.session) is not None

    def open(self) -> list[str]:
        """Return the first lines: the scenario, the machine and the position."""
        session = self.session
        threads = len(session.history.programs)
        machine = session.vm.config.hardware.name
        page = self._page() if self.asks and self.lessons and session.reading.pages else []
        self.progress_log.note(session)
        values = value_words(session.scenario.parameters) if session.scenario else ""
        return [
            f"{sentence(session.title or session.name or 'pageq')} "
            f"Scenario {session.name or 'without a name'}, machine {machine}, "
            f"rules {session.vm.rules.name()}, {f'{values}, ' if values else ''}{plural(threads, 'thread')}.",
            *sentences.where_lines(session),
            *self._due_at_start(),
            "Commands: help lists all commands, lesson prints the lesson's page, r reads on, quit ends.",
            *page,
        ]

    def _due_at_start(self) -> list[str]:
        words, is_due = questions.status_words(self.session)
        return (
            [sentence(f"{words} is due: the command question asks it")]
            if is_due and self.session.learning.on
            else []
        )

    def do_line(self, line: str) -> list[str]:
        """Execute one line and return its output; an error is part of the output, never raised."""
        text = line.strip().removeprefix(":").strip()
        if not text:
            return []
        self.busy, self.stop_asked = True, False
        try:
            return self._do(text)
        except REFUSALS as refusal:
            return [sentence(f"Error: {refusal}")]
        except ScreenOnly as hint:
            return [str(hint)]
        except InvariantViolation as fault:
            return [sentence(f"Bug in pageq, please report it: {fault}")]
        finally:
            self.busy = False

    def _do(self, text: str) -> list[str]:
        question, self._question = self._question, None
        if question is not None and text.isascii() and text.isdecimal() and len(text) < 10:
            return self._answer(question, int(text))
        if text.isascii() and text.isdecimal() and self.is_asked:
            text = f"answer {text}"
        word, argument = [*text.split(None, 1), ""][:2]
        own = own_verb(word)
        if own is not None:
            if argument and not own.argument:
                raise BadInput(f"{word} takes no argument; remove {argument.strip()[:60]!r}")
            return own.lines(self.session, argument.strip())
        by_key = None if word in VERBS else BY_KEY.get(word)
        command, argument = parse(f"{by_key.id if by_key else word} {argument}")
        return self._do_command(command, argument)

    def _answer(self, question: Prediction, number: int) -> list[str]:
        if not 1 <= number <= len(question.choices):
            self._question = question
            raise BadInput(f"{number} is not a choice; use 1 to {len(question.choices)}")
        predictions.settle(self.session, question, number - 1)
        score = sentence(predictions.score_text(self.session))
        return [*predictions.verdict_lines(question, number - 1), score]

    def _do_command(self, command: Command, argument: str) -> list[str]:
        session = self.session
        session.say("")
        session.lens = "log"
        self._command, self._output = command, []
        if command.id not in ("undo", "redo"):
            self.undo.remember(session, command.id)
        before = session.history.current, session.history.step
        page = session, session.reading.page(session.history)
        if command.id == "to-cursor":
            raise ScreenOnly(_NO_CURSOR)
        try:
            motion = carry_out(self, command, argument)
            if motion is not None:
                self._drive(motion)
        except REFUSALS as refusal:
            # A run may have taken some steps before the error.
            return [*self._moved(before), sentence(f"Error: {refusal}")]
        said = [*self._note(before), *self._moved(before), *self._reason()]
        lines = [*said, *self._questions(), *self._looked(argument), *self._output]
        return [*lines, *self._page_turned(page, argument), *self._noted()]

    def _noted(self) -> list[str]:
        """Note what the user has done, and return the message if it cannot be kept."""
        said = self.progress_log.write() if self.progress_log.note(self.session) else ""
        return [sentence(said)] if said else []

    def _page(self) -> list[str]:
        """Return the open page of the lesson, which its reader sees now."""
        self.session.reading.see(self.session.history)
        return page_sentences(self.session)

    def _questions(self) -> list[str]:
        """Return the question, the verdict or the card that the command has opened."""
        questions.follow(self.session, shown=False)
        row, before = question_row(self.session, _verb, printed=True), self._row
        self._row = row
        if row is None or (row == before and self._command.id not in ("question", "predict")):
            return []
        return question_sentences(row)

    def _drive(self, motion: Motion) -> None:
        for _ in motion:
            if self.stop_asked:
                self.session.say(f"stopped at step {self.session.history.step:,}")
                break

    # --- the output of a command --------------------------------------------------------------------------

    def _note(self, before: tuple[int, int]) -> list[str]:
        history = self.session.history
        note = self.session.note
        if note.text or note.lines:
            return [sentence(note.text)] if note.text else list(note.lines)
        taken = history.step - before[1]
        if history.current != before[0] or abs(taken) < 2:
            return []
        return [f"{'Advanced' if taken > 0 else 'Went back'} {abs(taken):,} steps."]

    def _moved(self, before: tuple[int, int]) -> list[str]:
        history = self.session.history
        if (history.current, history.step) == before:
            return []
        way = (history.step > before[1]) - (history.step < before[1])
        printed = []
        if way > 0 and history.current == before[0]:
            printed = sentences.console_lines(self.session, before[1] + 1, history.step - 1)
        return [*printed, sentences.this_step(self.session, _BEGIN[way]), *sentences.end_lines(self.session)]

    def _reason(self) -> list[str]:
        """Return the why of the end that the command has reached; the next command starts without it."""
        session = self.session
        if not follow_end(session):
            return []
        lines = sentences.lens_lines(session, TAIL)
        session.lens = "log"
        return lines

    def _looked(self, argument: str) -> list[str]:
        """Return the lens or the description that the command asked for."""
        session, name = self.session, self._command.id
        if session.lens != "log" or name in ("next-view", "previous-view") or (name == "view" and argument):
            self._lens = session.lens
            return sentences.lens_lines(session, TAIL)
        return _DESCRIPTIONS[name](session) if name in _DESCRIPTIONS else []

    def _page_turned(self, before: tuple[Session, int], argument: str) -> list[str]:
        """Return the page of the lesson that the command turned to; of itself, only on a terminal."""
        session = self.session
        turned = (session, session.reading.page(session.history)) != before
        asked = self._command.id in ("lesson-next", "lesson-previous") or (
            self._command.id == "lesson" and argument not in ("", "all")
        )
        # A question that opens instead of the next page is printed alone.
        asked = asked and (turned or not self.is_asked)
        if asked or (turned and self.asks and self.lessons and session.reading.pages):
            return self._page()
        return []

    # --- the Desk interface -------------------------------------------------------------------------------

    def show_help(self) -> None:
        """List the commands."""
        self._output = help_lines("")

    def show_lesson(self) -> None:
        """Print the page of the lesson that belongs to this moment."""
        self._output = self._page()

    def show_whole_lesson(self) -> None:
        """Print all pages of the lesson."""
        self._output = lesson_sentences(self.session)

    def open_console(self, text: str) -> None:  # noqa: ARG002 - there is nothing to put it into
        """Report the missing argument: there is no console in which to type it."""
        self._ask_for_argument()

    def ask_letter(self, command: str) -> None:
        """Mark the step without a letter, or report that the letter is missing."""
        if command == "mark":
            stepping.toggle_mark(self.session)
            return
        self._ask_for_argument()

    def _ask_for_argument(self) -> None:
        command = self._command
        if command.id == "page":
            return
        if command.id == "machine":
            self._output = sentences.machine_lines(self.session)
            return
        what = command.argument
        what = what[1:-1] if re.fullmatch(r"\[[^]]*]", what) else what
        known = choices(self.session, command.word)
        there = f"; there are {', '.join(known)}" if 0 < len(known) <= MOST_CHOICES else ""
        raise BadInput(f"{command.word} needs an argument; use {command.word} {what}{there}")

    def turn_centre(self, name: str) -> None:
        """Print the stage or the lengths of the queues."""
        session = self.session
        session.centre = name or ("map" if session.centre == "stage" else "stage")
        if session.centre == "map":
            self._output = sentences.queues_lines(session)
        else:
            self._output = stage_sentences(stage_row(session))

    def turn_outline(self) -> None:
        """Print the outline of the function."""
        self._output = outline_sentences(seen_code(self.session))

    def interrupt(self) -> None:
        """Close the question, or follow the page of the last step again; no command runs meanwhile."""
        if not questions.close(self.session):
            self.session.follow()

    def leave(self) -> None:
        """End the session."""
        self.over = True

    def open_scenario(self, text: str) -> None:
        """Open another scenario; on an error the current one stays open."""
        self._show(open_other(self.session, text))

    def browse(self) -> None:
        """Print the library."""
        course, problem = self.progress_log.course(self.session.library)
        self._output = [*([sentence(problem)] if problem else []), *sentences.library_lines(course)]

    def show_dumps(self, moments: tuple[DumpMoment, ...]) -> None:
        """Print what the dumps say, moment by moment."""
        from explorer.text.dump_output import text_lines

        self._output = list(text_lines(moments, picture=False))

    def on_machine(self, text: str) -> None:
        """Open this scenario on another machine."""
        self._show(open_again(self.session, machine=text))

    def under_rules(self, text: str) -> None:
        """Open this scenario under other rules."""
        self._show(open_again(self.session, rules=text))

    def _show(self, session: Session) -> None:
        session.learning.on = self.session.learning.on
        self.session = session
        self.undo = Undo()

    def copy_token(self) -> None:
        """Print the state string."""
        self._output = [saved_moment.tell_token(self.session)]
        self.session.say("the state string of this moment")

    def export(self, name: str) -> None:
        """Write this moment to a file as the screen shows it."""
        export.write_moment(self.session, name, SCREEN, _picture)

    def turn_lens(self, by: int) -> None:
        """Show the next or previous lens."""
        at = LENSES.index(self._lens)
        self.session.look_through(LENSES[(at + by) % len(LENSES)])

    def follow_search(self) -> None:
        """Wait for the search of all schedules; an interrupt ends it, and what it has found is kept."""
        search = self.session.search
        while search is not None and not search.wait(LOOK_EVERY):
            if self.stop_asked:
                search.stop("Ctrl+C")
        exploration.take(self.session)

    def follow_sweep(self) -> None:
        """Wait for the experiment; an interrupt ends it, and its finished points are kept."""
        sweep = self.session.experiments.sweep
        while sweep is not None and not sweep.wait(LOOK_EVERY):
            if self.stop_asked:
                sweep.stop("Ctrl+C")
        experiment.take(self.session)

    def show_session(self, session: Session) -> None:
        """Show another session."""
        self._show(session)
        session.lens = "log"
        self._output = self.open()

    def ask(self, question: Prediction) -> None:
        """Ask a question; if the next line is a number, it is the answer."""
        self._question = question
        self._output = [*predictions.question_lines(question), "Enter the number of your answer."]

    def undo_last(self) -> None:
        """Undo the last command."""
        command = self.undo.back(self.session)
        self.session.say(f"undone: {command}" if command else "nothing to undo")

    def redo_last(self) -> None:
        """Redo the last undone command."""
        command = self.undo.forward(self.session)
        self.session.say(f"redone: {command}" if command else "nothing to redo")


_BEGIN: Final = {1: "Step", 0: "At step", -1: "Back at step"}
"""How the sentence about a step starts: for a later step, a step in another branch, an earlier step."""

_NO_CURSOR: Final = "Text mode has no cursor in the source; use break THREAD:LINE, then continue."

_DESCRIPTIONS: Final[dict[str, Callable[[Session], list[str]]]] = {
    "page": sentences.page_lines,
    "pages": sentences.page_lines,
    "follow": sentences.page_lines,
    "color": sentences.color_lines,
}
"""Commands whose output ends with a description of a page or a colour."""
