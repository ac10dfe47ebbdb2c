"""Reading a table of a TOML file: each key once, with its type and range, and no key left over."""

from __future__ import annotations

import difflib
import keyword
import re
import tomllib
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeVar

from engine.errors import BadInput, Line
from engine.machine.topology import parse_size
from engine.scenario.toml_positions import Path, Places

T = TypeVar("T")

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TYPES: Final = {
    bool: "true or false",
    int: "a whole number",
    str: "a string",
    list: "a list",
    dict: "a table",
}
REQUIRED: Final = object()
_ON_OFF: Final = {"on": True, "off": False, "true": True, "false": False}


_AT_LINE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """The top table of a TOML text.

    Errors: BadInput with file and line when it is none.
    """
    try:
        return tomllib.loads(text)
    except ValueError as error:
        message, at = str(error), _AT_LINE.search(str(error))
        line = int(at[1]) if at and at[1] else text.rstrip("\n").count("\n") + 1
        bare = _AT_LINE.sub("", message)
        raise BadInput(f"this is not TOML: {bare}", file=file, line=line) from None
    except RecursionError:
        raise BadInput("this nests too deeply; no list in it is nested", file=file, line=1) from None


class Section:
    """One table of the file: the keys are taken out one by one, and `finish` refuses what is left."""

    def __init__(self, title: str, table: dict[str, Any], path: Path, places: Places, file: str) -> None:
        self.title = title
        self.table = table
        self.path = path
        self.places = places
        self.file = file
        self._known: list[str] = []

    def line(self, *path: str | int) -> int:
        """The file's line of a key of this table, or of the table."""
        return self.places.line((*self.path, *path))

    def at(self, *path: str | int) -> Line:
        """The same, worked out when a message needs it."""
        return partial(self.line, *path)

    def text_lines(self, key: str) -> list[int]:
        """The file's line of each line of a string of this table."""
        return self.places.text.get((*self.path, key)) or [self.line(key)]

    def error(self, message: str, *path: str | int) -> BadInput:
        """A message about a key of this table, to be raised."""
        if given := self.places.given((*self.path, *path)):
            return BadInput(f"{given}: {message}")
        return BadInput(message, file=self.file, line=self.line(*path))

    def finish(self) -> None:
        """Refuse a key that nobody asked for.

        Errors: BadInput with the nearest allowed key.
        """
        for key in self.table:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, 3) or self._known
                there = ", ".join(dict.fromkeys(near))
                raise self.error(f"{key[:40]!r} is no key of {self.title}; there is {there}", key)

    def has(self, key: str) -> bool:
        """Whether the table has `key`."""
        self._known.append(key)
        return key in self.table

    def take(self, key: str, kinds: tuple[type, ...], default: Any = REQUIRED) -> Any:
        """The value of `key`, of one of the types `kinds`.

        Errors: BadInput when it is missing and has no default, or has another type.
        """
        if not self.has(key):
            if default is REQUIRED:
                raise self._missing(key, kinds[0])
            return default
        value = self.table[key]
        if not any(type(value) is kind for kind in kinds):
            wanted = " or ".join(_TYPES[kind] for kind in kinds)
            raise self.error(f"{key} = {_cut(value)} is not {wanted}", key)
        return value

    def _missing(self, key: str, kind: type) -> BadInput:
        unknown = [other for other in self.table if other not in self._known]
        for near in difflib.get_close_matches(key, unknown, 1):
            return self.error(f"{near[:40]!r} is no key of {self.title}; write {key}", near)
        return self.error(f"{self.title} has no {key}; write {key} = {_example(kind)}")

    def text(self, key: str, default: Any = REQUIRED) -> str:
        """A string."""
        value: str = self.take(key, (str,), default)
        return value

    def one_line(self, key: str, default: Any = REQUIRED) -> str:
        """A string of one line that is not empty, unless the default is."""
        value = self.text(key, default)
        if key in self.table and (not value.strip() or "\n" in value):
            raise self.error(f"{key} is one line of text", key)
        return value

    def name(self, reserved: Iterable[str], taken: Iterable[str]) -> str:
        """The `name` of an object, process or thread.

        Errors: BadInput when it is no identifier, reserved, or taken.
        """
        word = self.text("name")
        if _NAME.fullmatch(word) is None or keyword.iskeyword(word):
            raise self.error(f"{word[:40]!r} is no name; write letters, digits and _, such as app", "name")
        if len(word) > 40:
            raise self.error(f"the name {word[:40]}... is too long; 40 letters are allowed", "name")
        if word in reserved:
            raise self.error(f"the name {word!r} has a meaning already; choose another one", "name")
        if word in taken:
            raise self.error(f"the name {word!r} is taken; each name is used once", "name")
        return word

    def number(self, key: str, low: int, high: int, default: Any = REQUIRED) -> int:
        """A whole number from `low` to `high`."""
        value: int = self.take(key, (int,), default)
        if key in self.table and not low <= value <= high:
            raise self.error(f"{key} = {_cut(value)} is out of range; it is from {low} to {high}", key)
        return value

    def choice(self, key: str, words: Iterable[str], default: Any = REQUIRED) -> str:
        """One of several words."""
        value = self.text(key, default)
        if key in self.table and value not in words:
            raise self.error(f"{key} = {_cut(value)} is not possible; it is one of {', '.join(words)}", key)
        return value

    def flag(self, key: str, default: bool) -> bool:
        """true, false, "on" or "off"."""
        value = self.take(key, (bool, str), default)
        if isinstance(value, str):
            if value not in _ON_OFF:
                raise self.error(f"{key} = {_cut(value)} is not possible; it is true or false", key)
            return _ON_OFF[value]
        return bool(value)

    def size(self, key: str, low: int, high: int, default: Any = REQUIRED) -> int:
        """A number of bytes: a whole number, or a string such as "16 MiB"."""
        return self.size_of(self.take(key, (str, int), default), low, high, key)

    def size_of(self, value: object, low: int, high: int, *path: str | int) -> int:
        """`value` as a number of bytes from `low` to `high`."""
        try:
            size = parse_size(value) if isinstance(value, str) else value
        except BadInput as error:
            raise self.error(f"{path[0]}: {error.message}", *path) from None
        if type(size) is not int:
            raise self.error(f'{_cut(value)} is no size; write one like "16 MiB", or bytes', *path)
        if not low <= size <= high:
            raise self.error(f"{_cut(value)} is out of range; it is from {low} to {high} bytes", *path)
        return size

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, () when it is missing."""
        values = self.take(key, (list,), [])
        for number, value in enumerate(values):
            if not isinstance(value, str):
                raise self.error(f"{key}: {_cut(value)} is not a string", key, number)
        return tuple(values)

    def sub(self, key: str, title: str) -> Section:
        """The table `key` in this one, empty when it is missing."""
        return Section(title, self.take(key, (dict,), {}), (*self.path, key), self.places, self.file)

    def subs(self, key: str, most: int) -> list[Section]:
        """The array of tables `key`.

        most: how many there may be.
        """
        values = self.take(key, (list,), [])
        if len(values) > most:
            raise self.error(f"{len(values)} times [[{key}]] are too many; {most} are allowed", key)
        found = []
        for number, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.error(f"{key} is a list of tables; write [[{key}]]", key, number)
            path = (*self.path, key, number)
            found.append(Section(f"[[{key}]]", value, path, self.places, self.file))
        return found


def read_all(sections: list[Section], read: Callable[[Section, list[T]], T]) -> tuple[T, ...]:
    """Read each section with `read`, which is given those read before, and refuse unknown keys."""
    found: list[T] = []
    for section in sections:
        found.append(read(section, found))
        section.finish()
    return tuple(found)


def _example(kind: type) -> str:
    return {str: '"..."', int: "1", bool: "true", list: "[...]"}.get(kind, "...")


def _cut(value: object) -> str:
    text = repr(value) if not isinstance(value, int) or isinstance(value, bool) else _number_text(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _number_text(value: int) -> str:
    return str(value) if abs(value) < 1 << 200 else f"a number of {value.bit_length()} bits"
