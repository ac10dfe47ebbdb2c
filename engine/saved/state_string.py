"""The state string: one step of a run as one word that can be pasted into a message.

It is `pq1-` followed by the base64url encoding of zlib-compressed canonical JSON:

    v  the pageq release that made it               n  the scenario's name
    h  8 hex digits of the sha256 of what runs     x  the scenario's text, unless it is in the library
    m  the machine, r the rules, s the schedule, each only if it differs from the scenario's
    k  the settings, each as [key, value]           e  the seed that chose the values of parameters
    c  the text of the dump that the scenario's key `counters` names
    t  the step                                     d  the first 8 hex digits of the digest
    l  the legs of the course (engine.saved.run_log), omitted if the run follows the schedule:
       p parent, f step of the fork, n the branch's name, i the items, s the schedule, and
       c the call: thread, cpu, first variable, text
    b  the current leg, if it is not the last

It does not contain the memory: opening it runs the scenario again and compares the digest.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from dataclasses import dataclass
from typing import Any, Final

from engine import __version__
from engine.errors import BadInput
from engine.inputs.shapes import Shape, is_any, is_count, is_long, is_text, list_of, or_null, row_of
from engine.run.history import History
from engine.saved.run_log import MAIN, SCHEDULED, Call, Course, Leg, course_of, course_to_here
from engine.scenario.counters import text_of
from engine.scenario.file_text import LARGEST_FILE
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario
from engine.scenario.overrides import own_rules, own_schedule
from engine.scenario.settings import COUNTERS_KEY, Setting, Settings, is_counters_file, setting
from engine.scenario.trace_file import STDIN

PREFIX: Final = "pq1-"
LONGEST: Final = 4000
"""Maximum length of a state string that is shown; a longer one is offered as a file."""

LARGEST_TOKEN: Final = 4 << 20
_LARGEST_JSON: Final = 4 * LARGEST_FILE
_LONGEST_NAME: Final = 255
_LONGEST_OWNER: Final = 40
_SHA_DIGITS: Final = 8
_DIGEST_DIGITS: Final = 8


@dataclass(frozen=True)
class Token:
    """The decoded content of a state string; see the top of this file.

    machine, rules, schedule: None for the scenario's own.
    text: the scenario's text, None for a scenario of the library.
    counters: the dump that the key `counters` of the text names; None if it names none, or a setting has one.
    """

    version: str
    name: str
    sha256: str
    text: str | None
    machine: str | None
    rules: str | None
    schedule: str | None
    settings: Settings
    seed: int | None
    course: Course
    digest: str
    counters: str | None = None


# --- making one -------------------------------------------------------------------------------------------


def token_of(scenario: Scenario, history: History, *, every_branch: bool = False) -> Token:
    """Return the state string's content for the cursor.

    every_branch: whether it includes branches that do not lead to the cursor.
    Errors: BadInput for a run whose trace came from stdin: it cannot be opened again.
    """
    if STDIN in scenario.strings:
        words = "the trace of this run came from stdin, so nothing can open the run again"
        raise BadInput(f"{words}; save the trace in a file, and open that")
    form = scenario.form
    own = form.path.parent == OWN.path
    schedule = scenario.schedule.text
    return Token(
        version=__version__.partition(".dev")[0],
        name=form.path.stem if own else form.path.name,
        sha256=scenario.sha256[:_SHA_DIGITS],
        text=None if own else form.source,
        machine=scenario.machine,
        rules=None if scenario.config.rules == own_rules(form) else scenario.rules,
        schedule=None if schedule == own_schedule(form).text else schedule,
        settings=shared_settings(scenario),
        seed=scenario.seed,
        course=course_of(history) if every_branch else course_to_here(history),
        digest=history.vm.memory.digest()[:_DIGEST_DIGITS],
        counters=own_counters(scenario),
    )


def shared_settings(scenario: Scenario) -> Settings:
    """Return the settings of a scenario, with the text of a dump in place of its file's name."""
    return tuple(
        Setting(one.key, text_of(scenario.moments))
        if one.key == COUNTERS_KEY and is_counters_file(one.value)
        else one
        for one in scenario.settings
        if not one.is_own
    )


def own_counters(scenario: Scenario) -> str | None:
    """Return the text of the dump that the scenario's file names in its key `counters`, else None."""
    keys = [one for one in scenario.settings if one.key == COUNTERS_KEY]
    form = scenario.form.machine.counters
    if form is None or not (keys[-1].is_own if keys else form.is_file):
        return None
    return text_of(scenario.moments)


def encode(token: Token) -> str:
    """Encode a token as a state string.

    Errors: BadInput if a setting is not text, as bytes of a command line that are not UTF-8.
    """
    raw = json.dumps(_entries(token), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        packed = _packed(raw.encode("utf-8"))
    except UnicodeEncodeError:
        raise BadInput("a name or setting of this run is not UTF-8 text; use another one") from None
    return PREFIX + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def _packed(raw: bytes) -> bytes:
    """Compress in the way that takes less: `filtered` suits a short text, which repeats little."""
    tries = (zlib.compressobj(9, strategy=one) for one in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED))
    return min((packer.compress(raw) + packer.flush() for packer in tries), key=len)


def _entries(token: Token) -> dict[str, Any]:
    course = token.course
    entries = {
        "v": token.version,
        "n": token.name,
        "h": token.sha256,
        "x": token.text,
        "m": token.machine,
        "r": token.rules,
        "s": token.schedule,
        "k": [[setting.key, setting.value] for setting in token.settings] or None,
        "e": token.seed,
        "c": token.counters,
        "t": course.step,
        "d": token.digest,
        "l": None if course == _plain(course.step) else [_leg_entries(leg) for leg in course.legs],
        "b": None if course.current == len(course.legs) - 1 else course.current,
    }
    return {key: value for key, value in entries.items() if value is not None}


def _leg_entries(leg: Leg) -> dict[str, Any]:
    call = leg.call
    entries = {
        "p": leg.parent,
        "f": leg.fork or None,
        "n": None if leg.name == MAIN else leg.name,
        "i": leg.items or None,
        "s": leg.schedule,
        "c": None if call is None else [call.owner, call.cpu, call.first, call.text],
    }
    return {key: value for key, value in entries.items() if value is not None}


def _plain(step: int) -> Course:
    """Return the course of a run that followed its schedule for `step` steps."""
    return Course((Leg(items=f"{SCHEDULED}{step}" if step else ""),), 0, step)


# --- reading one ------------------------------------------------------------------------------------------

_MISSING: Final = object()


def decode(text: str) -> Token:
    """Decode a state string.

    Errors: BadInput if the text is not a state string, or is damaged.
    """
    entries = _Entries(_unpack(text.strip()))
    step, legs = entries.number("t"), entries.list("l", None)
    read = _plain(step).legs if legs is None else tuple(_leg(_Entries(leg)) for leg in legs)
    course = Course(read, entries.number("b", len(read) - 1), step)
    return Token(
        version=entries.text("v"),
        name=entries.file_name("n"),
        sha256=entries.digits("h", _SHA_DIGITS),
        text=entries.optional("x"),
        machine=entries.optional("m"),
        rules=entries.optional("r"),
        schedule=entries.optional("s"),
        settings=tuple(map(_setting, entries.list("k", []))),
        seed=entries.seed("e"),
        course=course,
        digest=entries.digits("d", _DIGEST_DIGITS),
        counters=entries.optional("c"),
    )


def _unpack(word: str) -> Any:
    if not word.startswith(PREFIX):
        raise BadInput(f"{word[:20]!r} is not a state string; a state string starts with {PREFIX}")
    if re.fullmatch(r"[A-Za-z0-9_-]*", word, re.ASCII) is None or len(word) > LARGEST_TOKEN:
        raise _damaged("it contains invalid characters or is too long")
    body = word[len(PREFIX) :]
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), _LARGEST_JSON)
        if not unpacker.eof or unpacker.unused_data:
            raise _damaged("it is truncated or too long")
        found = json.loads(raw.decode("utf-8"))
        # JSON's escapes can make half of a character, which no terminal and no file can show.
        json.dumps(found, ensure_ascii=False).encode("utf-8")
        return found
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        raise _damaged("it cannot be decoded") from None


def _damaged(why: str) -> BadInput:
    return BadInput(f"this state string is damaged: {why}; copy the complete string")


class _Entries:
    """A JSON object of a state string, whose entries are read by name and type."""

    def __init__(self, entries: Any) -> None:
        if not isinstance(entries, dict):
            raise _damaged("a part of it is not a JSON object")
        self.entries = entries

    def _take(self, key: str, shape: Shape, default: Any) -> Any:
        value = self.entries.get(key, default)
        if value is _MISSING or (value is not default and not shape(value)):
            raise _damaged(f"its entry {key!r} is missing or has the wrong type")
        return value

    def text(self, key: str, default: str | object = _MISSING) -> str:
        value: str = self._take(key, is_text, default)
        return value

    def shown(self, key: str, default: str) -> str:
        value = self.text(key, default)
        if not value.isprintable() or not 0 < len(value) <= _LONGEST_NAME:
            raise _damaged(f"its entry {key!r} is not a name")
        return value

    def optional(self, key: str) -> str | None:
        value: str | None = self._take(key, is_text, None)
        return value

    def file_name(self, key: str) -> str:
        """Read the name of a file without its folder: exports are named after it."""
        value = self.text(key)
        plain = value.isprintable() and not {*value} & {"/", "\\"} and value not in ("", ".", "..")
        if not plain or len(value) > _LONGEST_NAME:
            raise _damaged(f"its entry {key!r} is not the name of a scenario or of a file without its folder")
        return value

    def digits(self, key: str, count: int) -> str:
        value = self.text(key)
        if re.fullmatch(rf"[0-9a-f]{{{count}}}", value, re.ASCII) is None:
            raise _damaged(f"its entry {key!r} is not {count} hexadecimal digits")
        return value

    def number(self, key: str, default: int | object = _MISSING) -> int:
        value: int = self._take(key, is_long, default)
        if value < 0:
            raise _damaged(f"its entry {key!r} is negative")
        return value

    def seed(self, key: str) -> int | None:
        value: int | None = self._take(key, is_count, None)
        return value

    def list(self, key: str, default: Any = _MISSING) -> Any:
        return self._take(key, list_of(is_any), default)


def _is_owner(value: Any) -> bool:
    """Whether a value is the name of a console thread."""
    return is_text(value) and value.isidentifier() and len(value) <= _LONGEST_OWNER


def _setting(entry: Any) -> Setting:
    if not row_of(is_text, is_any)(entry):
        raise _damaged("a setting in it is not a key and a value")
    return setting(*entry)


def _leg(entries: _Entries) -> Leg:
    call = entries.list("c", None)
    if not or_null(row_of(_is_owner, is_count, is_count, is_text))(call):
        raise _damaged("a call in it is not valid")
    parent = entries.number("p", -1) if "p" in entries.entries else None
    return Leg(
        parent,
        entries.number("f", 0),
        entries.shown("n", MAIN),
        entries.text("i", ""),
        entries.optional("s"),
        None if call is None else Call(*call),
    )
