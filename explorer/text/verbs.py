"""The verbs of text mode that are not in the table of commands, and its help, which lists both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput
from explorer.commands.glossary import REFERENCE
from explorer.commands.keys import key_word
from explorer.commands.table import COMMANDS, GROUPS, VERBS, Command, parse
from explorer.session.announcements import seen_code
from explorer.session.session import Session
from explorer.session.typed_number import number_of
from explorer.text import sentences
from explorer.text.code_sentences import code_sentences
from explorer.text.stage_sentences import stage_sentences
from explorer.text.timeline_sentences import timeline_sentences
from explorer.views.stage import stage_row

TAIL: Final = 10
"""Default number of steps that `log` prints."""


@dataclass(frozen=True)
class OwnVerb:
    """A verb of text mode that is not in the table of commands: it only prints something."""

    help: str
    lines: Callable[[Session, str], list[str]]
    argument: str = ""


def _log(session: Session, argument: str) -> list[str]:
    count = number_of(argument, "a number of steps") if argument else TAIL
    if count < 1:
        raise BadInput(f"log {count} prints no steps; use a number from 1")
    return sentences.log_lines(session, count)


def _console(session: Session) -> list[str]:
    printed = sentences.console_lines(session, 0, session.history.step)
    return printed or ["The kernel has printed nothing yet."]


OWN: Final = {
    "where": OwnVerb(
        "Print the step, the next thread, the page, the machine and the rules.",
        lambda session, _: [*sentences.where_lines(session), *sentences.machine_lines(session)],
    ),
    "console": OwnVerb("Print the kernel's console up to this step.", lambda session, _: _console(session)),
    "stage": OwnVerb(
        "Print the lanes with their pages in play.",
        lambda session, _: stage_sentences(stage_row(session)),
    ),
    "code": OwnVerb(
        "Print the kernel function of this step: done, now, next.",
        lambda session, _: code_sentences(seen_code(session)),
    ),
    "timeline": OwnVerb(
        "Print how often each kind of event happened, and the marks.",
        lambda session, _: timeline_sentences(session),
    ),
    "threads": OwnVerb("Describe every thread.", lambda session, _: sentences.threads_lines(session)),
    "source": OwnVerb(
        "Print the scripts with their current lines.", lambda session, _: sentences.source_lines(session)
    ),
    "queues": OwnVerb(
        "Print the number of pages on each queue type.", lambda session, _: sentences.queues_lines(session)
    ),
    "log": OwnVerb(f"Print the last N steps, default {TAIL}.", _log, "[N]"),
    "help": OwnVerb("List all commands, or explain one.", lambda _, argument: help_lines(argument), "[VERB]"),
}
"""The verbs that only text mode has."""

BY_KEY: Final = {
    key if len(key) == 1 else key_word(key).lower(): command
    for command in COMMANDS.values()
    for key in command.keys
    if not key.isdigit()
}
"""A key's name works as a verb too, so that messages about keys are also true in text mode."""


def own_verb(word: str) -> OwnVerb | None:
    """Return the verb of text mode with that name or unambiguous abbreviation, or None."""
    if word in OWN:
        return OWN[word]
    if word in VERBS or word in BY_KEY:
        return None
    begun = [verb for verb in {*OWN, *VERBS} if word and verb.startswith(word)]
    return OWN.get(begun[0]) if len(begun) == 1 else None


def words() -> list[str]:
    """Return every verb, for completion."""
    return sorted({*OWN, *VERBS})


def help_lines(word: str) -> list[str]:
    """List every verb by group, or explain one.

    Errors: BadInput for an unknown verb.
    """
    if word:
        own = own_verb(word)
        return [_own_line(word, own) if own else _verb_line(BY_KEY.get(word) or parse(word)[0])]
    lines = [
        "Enter a command, an abbreviation of it, or its key on the screen; a number goes to that step.",
        "Text mode:",
    ]
    lines += [f"  {_own_line(name, verb)}" for name, verb in OWN.items()]
    return [*lines, *_table_lines(), REFERENCE]


def _table_lines() -> Iterator[str]:
    for group, commands in GROUPS.items():
        if group == "Panels":
            continue
        yield f"{group}:"
        yield from (f"  {_verb_line(command)}" for command in commands if command.id not in OWN)


def _own_line(name: str, verb: OwnVerb) -> str:
    return f"{f'{name} {verb.argument}'.strip()}: {verb.help}"


def _verb_line(command: Command) -> str:
    keys = " or ".join(key_word(key, ascii=True) for key in command.keys)
    key = f" (key {keys})" if keys else ""
    return f"{f'{command.word} {command.argument}'.strip()}{key}: {command.help}"
