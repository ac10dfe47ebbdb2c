"""A person's session in a file: where they were, and what they had marked, stopped at, pinned and branched.

Plain values, no screen, no model: the run itself is in the state string, as text. A file is replaced as a
whole or not at all, so that a full disk or a broken run leaves the session before; a file that is none, or
is of a later program, is refused with its place and is left as it is.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from engine.errors import BadInput

FORMAT: Final = 1
LARGEST: Final = 16 << 20

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", re.ASCII)


@dataclass(frozen=True)
class SessionState:
    """What a session is made of.

    token:    the state string of the run with all its branches, and of the step the person was at.
    marks:    each marked step with its letter, or "".
    stops:    breakpoints and watchpoints as they were written, `break ...` or `watch ...`.
    pinned:   the physical number of the page that stays in the inspector, or None.
    chosen:   the thread that is stepped, or None to follow the schedule.
    branches: the names of the branches, for whoever lists sessions; the token has them too.
    answers:  each predicted question, by branch, step and text, and whether the answer was right.
    """

    token: str
    marks: tuple[tuple[int, str], ...] = ()
    stops: tuple[str, ...] = ()
    pinned: int | None = None
    chosen: str | None = None
    branches: tuple[str, ...] = ("main",)
    answers: tuple[tuple[int, int, str, bool], ...] = ()


# --- where ------------------------------------------------------------------------------------------------


def session_folder() -> Path:
    """Where sessions are kept; it is made when one is saved."""
    # Imported here: whoever opens no session need not wait for it.
    from platformdirs import user_data_path  # noqa: PLC0415

    return user_data_path("pageq") / "sessions"


def session_path(name: str) -> Path:
    """The file of the session called `name`.

    Errors: BadInput when that is no name.
    """
    if _NAME.fullmatch(name) is None:
        words = "a session's name has letters, digits, _, - and . and does not begin with . or -"
        raise BadInput(f"{name[:64]!r} is no name; {words}")
    return session_folder() / f"{name}.json"


def session_names() -> list[str]:
    """The sessions that there are, in alphabetical order."""
    try:
        return sorted(path.stem for path in session_folder().glob("*.json"))
    except OSError:
        return []


# --- saving -----------------------------------------------------------------------------------------------


def save(state: SessionState, path: Path) -> None:
    """Write a session; the file is the old one until the new one is complete on the disk.

    Errors: BadInput when it cannot be written; what was there is still there.
    """
    text = json.dumps({"format": FORMAT, **asdict(state)}, indent=1, ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text.encode("utf-8", "surrogatepass"))
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"the session cannot be saved: {why}; it goes on unsaved", file=str(path)) from None


def _replace(path: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            os.replace(stream.name, path)
        except BaseException:
            os.unlink(stream.name)
            raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Let the new name reach the disk too, where a folder can be synced."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


# --- opening ----------------------------------------------------------------------------------------------


def load(path: Path) -> SessionState:
    """Read a session.

    Errors: BadInput when there is none, or the file is damaged or of another program.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(f"the session cannot be read: {error.strerror}", file=str(path)) from None
    if len(raw) > LARGEST:
        raise BadInput(f"this is larger than {LARGEST} bytes; no session is", file=str(path), line=1)
    try:
        text = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadInput(
            "this is no UTF-8 text; give a file that pageq saved", file=str(path), line=line
        ) from None
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"this is not JSON: {error.msg}; it is damaged", file=str(path), line=error.lineno
        ) from None
    except (ValueError, RecursionError):
        raise BadInput("this is no JSON of a session; it is damaged", file=str(path), line=1) from None
    return _Reader(path, text, entries).state()


class _Reader:
    """Takes the entries of a session's file one by one, each with its type."""

    def __init__(self, path: Path, text: str, entries: Any) -> None:
        self.path = path
        self.text = text
        self.entries = entries

    def state(self) -> SessionState:
        if not isinstance(self.entries, dict) or "format" not in self.entries or "token" not in self.entries:
            raise BadInput(
                "this is no session of pageq; give a file that pageq saved", file=str(self.path), line=1
            )
        if self.entries["format"] != FORMAT or isinstance(self.entries["format"], bool):
            words = f"format {self.entries['format']!r:.20} is not known; this program reads format {FORMAT}"
            raise self.error("format", words)
        known = {"format", *SessionState.__dataclass_fields__}
        for key in self.entries.keys() - known:
            raise self.error(
                key, f"{key[:40]!r} is no entry of a session; there are {', '.join(sorted(known))}"
            )
        return SessionState(
            token=self.take("token", _is_text, "the state string as a string"),
            marks=tuple(map(tuple, self.take("marks", _are_marks, 'a list of [step, "letter"]', []))),
            stops=tuple(self.take("stops", _are_stops, "a list of `break ...` and `watch ...`", [])),
            pinned=self.take("pinned", _is_number_or_none, "a page number or null", None),
            chosen=self.take("chosen", _is_text_or_none, "a thread's name or null", None),
            branches=tuple(self.take("branches", _are_texts, "a list of names", ["main"])),
            answers=tuple(map(tuple, self.take("answers", _are_answers, _ANSWERS, []))),
        )

    def take(self, key: str, suits: Any, wanted: str, default: Any = None) -> Any:
        value = self.entries.get(key, default)
        if not suits(value):
            raise self.error(key, f"{key} is {json.dumps(value)[:40]}; it is {wanted}")
        return value

    def error(self, key: str, words: str) -> BadInput:
        """A message about an entry, to be raised."""
        at = self.text.find(json.dumps(key))
        return BadInput(words, file=str(self.path), line=self.text.count("\n", 0, max(at, 0)) + 1)


_ANSWERS: Final = "a list of [branch, step, question, right]"


def _are_answers(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_answer, value))


def _is_answer(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 4:
        return False
    branch, step, ask, right = value
    return _is_number(branch) and _is_number(step) and _is_text(ask) and isinstance(right, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number_or_none(value: object) -> bool:
    return value is None or _is_number(value)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_stops(value: object) -> bool:
    return _are_texts(value) and all(stop.startswith(("break ", "watch ")) for stop in value)  # type: ignore[attr-defined]  # texts


def _are_marks(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_mark, value))


def _is_mark(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    step, letter = value
    return _is_number(step) and step >= 0 and isinstance(letter, str)
