"""The line session: the screen's commands, one a line, and what each did in sentences.

The desk of `explorer.commands` without a screen. It reads nothing and knows no terminal: a line comes in,
lines go out (see `explorer.cli.text` for the rest). Needs no Textual.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput, InvariantViolation
from engine.questions.generated import Prediction
from explorer.commands.table import COMMANDS, GROUPS, VERBS, Command, key_word, parse
from explorer.lenses.kit.registry import LENSES
from explorer.session import predictions, saved_moment, stepping
from explorer.session.open import open_again, open_session
from explorer.session.session import REFUSALS, Session, number_of
from explorer.session.stepping import Motion
from explorer.session.undo import Undo
from explorer.text import sentences
from explorer.text.sentences import sentence
from explorer.tui import export

TAIL: Final = 10
"""Steps of the log unless told otherwise."""

SCREEN: Final = (120, 40)
"""The size of the screen that an exported picture or text shows."""


def _picture(session: Session, size: export.Size) -> str:
    # Only a picture needs a screen.
    from explorer.tui.picture import picture

    return picture(session, size)


class ScreenOnly(Exception):
    """A command needs a screen; says what does the like here."""


@dataclass(frozen=True)
class OwnVerb:
    """A verb that the line session has besides the table of commands: it only tells something."""

    help: str
    tell: Callable[[TextDesk, str], list[str]]
    argument: str = ""


class TextDesk:
    """A session told in lines.

    over: the person has quit.
    busy: a command is at work, so that an interrupt stops it and not the program.
    stop_asked: somebody interrupted; the run stops at its next slice.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.undo = Undo()
        self.over = False
        self.busy = False
        self.stop_asked = False
        self._command = COMMANDS["help"]
        self._lens = session.lens
        self._told: list[str] = []
        self._question: Prediction | None = None

    def open(self) -> list[str]:
        """The first lines: the scenario, the machine, and where we are."""
        session = self.session
        threads = len(session.history.programs)
        machine = session.vm.config.hardware.name
        return [
            f"{sentence(session.title or session.name or 'pageq')} "
            f"Scenario {session.name or 'without a name'}, machine {machine}, "
            f"rules {session.vm.rules.name()}, {threads} thread{'s' * (threads != 1)}.",
            *sentences.where_lines(session),
            "help lists the verbs, lesson tells what this teaches, quit ends.",
        ]

    def do_line(self, line: str) -> list[str]:
        """Do what one line says, and tell what happened; what is refused is told too, never raised."""
        text = line.strip().removeprefix(":").strip()
        if not text:
            return []
        self.busy, self.stop_asked = True, False
        try:
            return self._do(text)
        except REFUSALS as refusal:
            return [sentence(f"Not possible: {refusal}")]
        except ScreenOnly as told:
            return [str(told)]
        except InvariantViolation as fault:
            return [sentence(f"pageq contradicts itself, please report it: {fault}")]
        finally:
            self.busy = False

    def _do(self, text: str) -> list[str]:
        question, self._question = self._question, None
        if question is not None and text.isdecimal():
            return self._answer(question, int(text))
        word, argument = [*text.split(None, 1), ""][:2]
        own = own_verb(word)
        if own is not None:
            if argument and not own.argument:
                raise BadInput(f"{word} takes no argument, not {argument.strip()!r}")
            return own.tell(self, argument.strip())
        by_key = None if word in VERBS else _BY_KEY.get(word)
        command, argument = parse(f"{by_key.id if by_key else word} {argument}")
        return self._do_command(command, argument)

    def _answer(self, question: Prediction, number: int) -> list[str]:
        if not 1 <= number <= len(question.choices):
            self._question = question
            raise BadInput(f"there is no choice {number}; the choices are 1 to {len(question.choices)}")
        predictions.settle(self.session, question, number - 1)
        score = sentence(predictions.score_text(self.session))
        return [*predictions.verdict_lines(question, number - 1), score]

    def _do_command(self, command: Command, argument: str) -> list[str]:
        session = self.session
        session.say("")
        session.lens = "log"
        self._command, self._told = command, []
        if command.id not in ("undo", "redo"):
            self.undo.remember(session, command.id)
        before = session.history.current, session.history.step
        if command.id == "to-cursor":
            raise ScreenOnly(_NO_CURSOR)
        try:
            motion = command.function(self, argument)
            if motion is not None:
                self._drive(motion)
        except REFUSALS as refusal:
            # A run may have come some way before it met what it cannot do.
            return [*self._moved(before), sentence(f"Not possible: {refusal}")]
        return [*self._note(before), *self._moved(before), *self._looked(argument), *self._told]

    def _drive(self, motion: Motion) -> None:
        for _ in motion:
            if self.stop_asked:
                self.session.say(f"stopped at step {self.session.history.step}")
                break

    # --- what is told of a command ------------------------------------------------------------------------

    def _note(self, before: tuple[int, int]) -> list[str]:
        history = self.session.history
        if self.session.note.text:
            return [sentence(self.session.note.text)]
        taken = history.step - before[1]
        if history.current != before[0] or abs(taken) < 2:
            return []
        return [f"{abs(taken)} steps {'on' if taken > 0 else 'back'}."]

    def _moved(self, before: tuple[int, int]) -> list[str]:
        history = self.session.history
        if (history.current, history.step) == before:
            return []
        way = (history.step > before[1]) - (history.step < before[1])
        return [sentences.this_step(self.session, _BEGIN[way]), *sentences.end_lines(self.session)]

    def _looked(self, argument: str) -> list[str]:
        """What the command asked to look at."""
        session, name = self.session, self._command.id
        if session.lens != "log" or name in ("next-view", "previous-view") or (name == "view" and argument):
            self._lens = session.lens
            return sentences.lens_lines(session, TAIL)
        return _TELLS[name](session) if name in _TELLS else []

    # --- what commands ask of a desk ----------------------------------------------------------------------

    def show_help(self) -> None:
        """List the verbs."""
        self._told = help_lines("")

    def show_lesson(self) -> None:
        """Tell the lesson."""
        self._told = sentences.lesson_lines(self.session)

    def open_console(self, text: str) -> None:
        """Say what is missing behind a verb: there is nowhere to type the rest of it."""
        self._ask_for_argument()

    def ask_letter(self, command: str) -> None:
        """Do without a letter, or say that it is missing."""
        if command == "mark":
            stepping.toggle_mark(self.session)
            return
        self._ask_for_argument()

    def _ask_for_argument(self) -> None:
        command = self._command
        if command.id == "console":
            raise ScreenOnly("This is a line session: every line is a command already.")
        if command.id == "page":
            return
        what = command.argument
        what = what[1:-1] if re.fullmatch(r"\[[^]]*]", what) else what
        raise BadInput(f"{command.word} needs an argument; write {command.word} {what}")

    def focus_panel(self, number: int) -> None:
        """There are no panels."""
        raise ScreenOnly(_NO_PANELS)

    def turn_focus(self, by: int) -> None:
        """There are no panels."""
        raise ScreenOnly(_NO_PANELS)

    def toggle_zoom(self) -> None:
        """There are no panels."""
        raise ScreenOnly(_NO_PANELS)

    def toggle_play(self) -> None:
        """Time moves only when it is told to."""
        raise ScreenOnly(_NO_PLAY)

    def change_speed(self, by: int) -> None:
        """Time moves only when it is told to."""
        raise ScreenOnly(_NO_PLAY)

    def interrupt(self) -> None:
        """Nothing runs while a line is read: the page of the steps is shown again."""
        self.session.follow()

    def leave(self) -> None:
        """End the session."""
        self.over = True

    def open_scenario(self, text: str) -> None:
        """Open another scenario; what is open stays when it cannot be."""
        self._show(open_session(text))

    def on_machine(self, text: str) -> None:
        """Open this scenario on another machine."""
        self._show(open_again(self.session, machine=text))

    def under_rules(self, text: str) -> None:
        """Open this scenario under other rules."""
        self._show(open_again(self.session, rules=text))

    def _show(self, session: Session) -> None:
        self.session = session
        self.undo = Undo()

    def change_theme(self, name: str) -> None:
        """There are no colours."""
        raise ScreenOnly(_NO_LOOKS)

    def toggle_ascii(self) -> None:
        """There are no other characters."""
        raise ScreenOnly(_NO_LOOKS)

    def toggle_projector(self) -> None:
        """There is no map."""
        raise ScreenOnly(_NO_LOOKS)

    def edit_scenario(self) -> None:
        """A line session runs no editor."""
        raise ScreenOnly("Edit the file in another window, then write open FILE.")

    def copy_token(self) -> None:
        """Tell the state string."""
        self._told = [saved_moment.tell_token(self.session)]
        self.session.say("the state string of this moment")

    def export(self, name: str) -> None:
        """Write this moment to a file, as the screen would show it."""
        export.write_moment(self.session, name, SCREEN, _picture)

    def turn_lens(self, by: int) -> None:
        """Look through the next lens."""
        at = LENSES.index(self._lens)
        self.session.look_through(LENSES[(at + by) % len(LENSES)])

    def ask(self, question: Prediction) -> None:
        """Ask what comes next; the next line answers, if it is a number."""
        self._question = question
        self._told = [*predictions.question_lines(question), "Write the number of your answer."]

    def undo_last(self) -> None:
        """Take back what the last command did."""
        command = self.undo.back(self.session)
        self.session.say(f"took back: {command}" if command else "there is nothing to take back")

    def redo_last(self) -> None:
        """Do again what was taken back."""
        command = self.undo.forward(self.session)
        self.session.say(f"did again: {command}" if command else "nothing was taken back")


_BEGIN: Final = {1: "Step", 0: "At step", -1: "Back at step"}
"""How a step is begun that lies ahead, in another branch, or behind."""

_NO_PANELS: Final = "Only a screen has panels; here write where, page, threads, source, queues or view NAME."
_NO_LOOKS: Final = "Only a screen has colours and cells; here all is plain text."
_NO_CURSOR: Final = "Only a screen has a cursor in the source; here write break THREAD:LINE, then continue."
_NO_PLAY: Final = "Only a screen plays; here write step N to go on N steps, or continue to run."

_TELLS: Final[dict[str, Callable[[Session], list[str]]]] = {
    "page": sentences.page_lines,
    "pages": sentences.page_lines,
    "follow": sentences.page_lines,
    "color": sentences.color_lines,
}
"""What is told behind the note of some commands."""

# --- verbs ------------------------------------------------------------------------------------------------


def _log(desk: TextDesk, argument: str) -> list[str]:
    count = number_of(argument, "a number of steps") if argument else TAIL
    if count < 1:
        raise BadInput(f"log {count} tells nothing; write a number from 1 on")
    return sentences.log_lines(desk.session, count)


OWN: Final = {
    "where": OwnVerb("the step, who is next, the page", lambda desk, _: sentences.where_lines(desk.session)),
    "threads": OwnVerb("every thread in a sentence", lambda desk, _: sentences.threads_lines(desk.session)),
    "source": OwnVerb("the scripts, and where each is", lambda desk, _: sentences.source_lines(desk.session)),
    "queues": OwnVerb("the pages of each queue type", lambda desk, _: sentences.queues_lines(desk.session)),
    "log": OwnVerb(f"the last steps, {TAIL} unless told", _log, "[N]"),
    "help": OwnVerb("all verbs, or one", lambda _, argument: help_lines(argument), "[VERB]"),
}
"""The verbs that only the line session has."""

_BY_KEY: Final = {
    key if len(key) == 1 else key_word(key).lower(): command
    for command in COMMANDS.values()
    for key in command.keys
    if not key.isdigit()
}
"""A key's name is a word too: what the notes say of keys is true here as well."""


def own_verb(word: str) -> OwnVerb | None:
    """The line session's own verb of that name, or the one that it begins and no other does."""
    if word in OWN:
        return OWN[word]
    if word in VERBS or word in _BY_KEY:
        return None
    begun = [verb for verb in {*OWN, *VERBS} if word and verb.startswith(word)]
    return OWN.get(begun[0]) if len(begun) == 1 else None


def words() -> list[str]:
    """Every verb, for completion."""
    return sorted({*OWN, *VERBS})


def help_lines(word: str) -> list[str]:
    """Every verb by group, or what one of them does.

    Errors: BadInput when there is no such verb.
    """
    if word:
        own = own_verb(word)
        return [_own_line(word, own) if own else _verb_line(_BY_KEY.get(word) or parse(word)[0])]
    lines = [
        "Write a verb or as much of it as is clear, or its key on the screen; a number goes to that step.",
        "Telling:",
    ]
    lines += [f"  {_own_line(name, verb)}" for name, verb in OWN.items()]
    return [*lines, *_table_lines()]


def _table_lines() -> Iterator[str]:
    for group, commands in GROUPS.items():
        if group == "Panels":
            continue
        yield f"{group}:"
        yield from (f"  {_verb_line(command)}" for command in commands if command.id not in OWN)


def _own_line(name: str, verb: OwnVerb) -> str:
    return f"{f'{name} {verb.argument}'.strip()}: {verb.help}."


def _verb_line(command: Command) -> str:
    keys = " or ".join(key_word(key, ascii=True) for key in command.keys)
    key = f" (key {keys})" if keys else ""
    return f"{f'{command.word} {command.argument}'.strip()}{key}: {command.help}."
