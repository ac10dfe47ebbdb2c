"""A typed reader for tables of a TOML file: checks each key's type and range and rejects unknown keys."""

from __future__ import annotations

import difflib
import keyword
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from engine.errors import BadInput, Line
from engine.machine.topology import parse_size
from engine.scenario.toml_limits import TOO_LARGE, check_integers, check_size, unreadable_number
from engine.scenario.toml_positions import Path, Places
from engine.words import byte_size, number_text

T = TypeVar("T")

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_TYPES: Final = {
    bool: "true or false",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "a list",
    dict: "a table",
}
_WORDS: Final = {
    bool: "boolean",
    int: "integer",
    float: "decimal",
    str: "string",
    list: "list",
    dict: "table",
}
REQUIRED: Final = object()
NEAR: Final = 0.7
"""How similar a key must be to count as a slip of another, from 0 to 1: `minutes` is not near `limits`."""
_ON_OFF: Final = {"on": True, "off": False, "true": True, "false": False}


_AT_LINE: Final = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True)
class Key:
    """What the readers of a table ask of a key.

    type:     in words: `integer`, `string`, `size`, `list of tables` and so on.
    values:   its range, or its allowed values; "" if the reader of the table checks more than that.
    required: whether a table without it is refused.
    default:  its value if it is left out; None if the reader of the table decides.
    """

    type: str
    values: str
    required: bool
    default: Any


Asked = dict[str, dict[str, Key]]
"""The keys of tables, by the tables' titles."""


def parse_toml(text: str, file: str) -> dict[str, Any]:
    """Parse a TOML text; return its top table.

    Errors: BadInput with file and line if the text is not TOML.
    """
    check_size(text, file)
    try:
        document = tomllib.loads(text)
    except ValueError as error:
        if (line := unreadable_number(text)) and not isinstance(error, tomllib.TOMLDecodeError):
            raise BadInput(TOO_LARGE, file=file, line=line) from None
        message, at = str(error), _AT_LINE.search(str(error))
        line = int(at[1]) if at and at[1] else text.rstrip("\n").count("\n") + 1
        bare = _AT_LINE.sub("", message)
        raise BadInput(f"this is not TOML: {bare}", file=file, line=line) from None
    except RecursionError:
        raise BadInput("this nests too deeply; use fewer nested lists", file=file, line=1) from None
    check_integers(document, text, file)
    return document


class Section:
    """A table of the file: each reader takes its key, and `finish` rejects the keys that are left.

    asked: what the readers of this table and of those in it have asked for: title -> key -> Key.
    """

    def __init__(
        self,
        title: str,
        table: dict[str, Any],
        path: Path,
        places: Places,
        file: str,
        asked: Asked | None = None,
    ) -> None:
        self.title = title
        self.table = table
        self.path = path
        self.places = places
        self.file = file
        self.asked: Asked = {} if asked is None else asked
        self._known: list[str] = []

    def line(self, *path: str | int) -> int:
        """Return the file's line of a key of this table, or of the table."""
        return self.places.line((*self.path, *path))

    def at(self, *path: str | int) -> Line:
        """Return the same lazily, for a message that may not be needed."""
        return partial(self.line, *path)

    def text_lines(self, key: str) -> list[int]:
        """Return the file's line of each line of a string in this table."""
        return self.places.text.get((*self.path, key)) or [self.line(key)]

    def error(self, message: str, *path: str | int) -> BadInput:
        """Return a BadInput about a key of this table, to be raised."""
        if given := self.places.given((*self.path, *path)):
            return BadInput(f"{given}: {message}")
        return BadInput(message, file=self.file, line=self.line(*path), key=(*self.path, *path))

    def finish(self) -> None:
        """Reject keys that were not read.

        Errors: BadInput with the nearest allowed keys.
        """
        for key in self.table:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, 3, NEAR) or self._known
                there = ", ".join(dict.fromkeys(near))
                raise self.error(f"{key[:40]!r} is not a key of {self.title}; use {there}", key)

    def has(self, key: str) -> bool:
        """Whether the table has `key`; marks it as known."""
        self.describe(key, "")
        self._known.append(key)
        return key in self.table

    def describe(self, key: str, type: str, values: str = "", default: Any = None) -> None:
        """Note what a key is, for the reference; the first description with a type stays.

        type, values: in words. default: REQUIRED if the key has none; None if the reader of the table has it.
        """
        keys = self.asked.setdefault(self.title, {})
        if key not in keys or (type and not keys[key].type):
            needed = default is REQUIRED and key not in self._known
            keys[key] = Key(type, values, needed, None if default is REQUIRED else default)

    def take(self, key: str, kinds: tuple[type, ...], default: Any = REQUIRED) -> Any:
        """Return the value of `key`, of one of the types `kinds`.

        Errors: BadInput if it is missing without a default, or has another type.
        """
        self.describe(key, " or ".join(_WORDS[kind] for kind in kinds), default=default)
        self._known.append(key)
        if key not in self.table:
            if default is REQUIRED:
                raise self._missing(key, kinds[0])
            return default
        value = self.table[key]
        if not any(type(value) is kind for kind in kinds):
            wanted = " or ".join(_TYPES[kind] for kind in kinds)
            raise self.error(f"{key} = {_cut(value)} has the wrong type; it must be {wanted}", key)
        return value

    def _missing(self, key: str, kind: type) -> BadInput:
        unknown = [other for other in self.table if other not in self._known]
        for near in difflib.get_close_matches(key, unknown, 1, NEAR):
            return self.error(f"{near[:40]!r} is not a key of {self.title}; use {key}", near)
        return self.error(f"{self.title} has no {key}; add {key} = {_example(kind)}")

    def text(self, key: str, default: Any = REQUIRED) -> str:
        """Read a string."""
        value: str = self.take(key, (str,), default)
        return value

    def one_line(self, key: str, default: Any = REQUIRED) -> str:
        """Read a string of one line, not empty unless it is the default."""
        value = self.text(key, default)
        if key in self.table and (not value.strip() or "\n" in value):
            raise self.error(f"{key} is empty or has several lines; write one line of text", key)
        return value

    def name(self, reserved: Iterable[str], taken: Iterable[str]) -> str:
        """Read the `name` of an object, process or thread.

        Errors: BadInput if it is not an identifier, reserved, or taken.
        """
        word = self.text("name")
        if wrong := wrong_name(word, reserved, taken):
            raise self.error(wrong, "name")
        return word

    def id(self, key: str, taken: Iterable[str]) -> str:
        """Read an id: a lower-case word, which may contain digits and -.

        Errors: BadInput if it is not one, or taken.
        """
        word = self.text(key)
        if _ID.fullmatch(word) is None:
            words = "use a lower-case letter, then up to 39 letters, digits and -"
            raise self.error(f"{word[:40]!r} is not an id; {words}", key)
        if word in taken:
            raise self.error(f"the {key} {word!r} is taken; choose another", key)
        return word

    def number(self, key: str, low: int, high: int, default: Any = REQUIRED) -> int:
        """Read an integer from `low` to `high`."""
        self.describe(key, "integer", f"{number_text(low)} to {number_text(high)}", default)
        value: int = self.take(key, (int,), default)
        if key in self.table and not low <= value <= high:
            raise self.error(f"{key} = {_cut(value)} is out of range; use {low} to {high}", key)
        return value

    def choice(self, key: str, words: Iterable[str], default: Any = REQUIRED) -> str:
        """Read one of several words."""
        words = tuple(words)
        self.describe(key, "string", either(words), default)
        value = self.text(key, default)
        if key in self.table and value not in words:
            raise self.error(f"{key} = {_cut(value)} is not possible; use one of {', '.join(words)}", key)
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Read a boolean: true, false, "on" or "off"."""
        self.describe(key, "boolean", default=default)
        value = self.take(key, (bool, str), default)
        if isinstance(value, str):
            if value not in _ON_OFF:
                raise self.error(f"{key} = {_cut(value)} is not possible; use true or false", key)
            return _ON_OFF[value]
        return bool(value)

    def size(self, key: str, low: int, high: int, default: Any = REQUIRED) -> int:
        """Read a number of bytes: an integer, or a string such as "16 MiB"."""
        shown = byte_size(default) if type(default) is int and default else default
        self.describe(key, "size", f"{byte_size(low) if low else 0} to {byte_size(high)}", shown)
        return self.size_of(self.take(key, (str, int), default), low, high, key)

    def size_of(self, value: object, low: int, high: int, *path: str | int) -> int:
        """Convert `value` to a number of bytes from `low` to `high`."""
        try:
            size = parse_size(value) if isinstance(value, str) else value
        except BadInput as error:
            raise self.error(f"{path[0]}: {error.message}", *path) from None
        if type(size) is not int:
            raise self.error(f'{_cut(value)} is not a size; write one such as "16 MiB", or bytes', *path)
        if not low <= size <= high:
            raise self.error(f"{_cut(value)} is out of range; use {low} to {high} bytes", *path)
        return size

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of strings, by default ()."""
        self.describe(key, "list of strings", default=[])
        values = self.take(key, (list,), [])
        for number, value in enumerate(values):
            if not isinstance(value, str):
                raise self.error(f"{key}: {_cut(value)} is not a string; put it in quotes", key, number)
        return tuple(values)

    def sub(self, key: str, title: str) -> Section:
        """Return the table `key` of this table, by default an empty one."""
        table = self.take(key, (dict,), {})
        return Section(title, table, (*self.path, key), self.places, self.file, self.asked)

    def subs(self, key: str, most: int) -> list[Section]:
        """Return the array of tables `key`.

        most: the maximum number of tables.
        """
        self.describe(key, "list of tables", default=[])
        values = self.take(key, (list,), [])
        if len(values) > most:
            raise self.error(f"[[{key}]] occurs {len(values)} times; the limit is {most}", key)
        found = []
        for number, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.error(f"{key} must be a list of tables; write [[{key}]]", key, number)
            path = (*self.path, key, number)
            found.append(Section(f"[[{key}]]", value, path, self.places, self.file, self.asked))
        return found


def read_all(sections: Iterable[Section], read: Callable[[Section, list[T]], T]) -> tuple[T, ...]:
    """Read each section with `read`, which also gets the earlier results, and reject unknown keys."""
    found: list[T] = []
    for section in sections:
        found.append(read(section, found))
        section.finish()
    return tuple(found)


def either(words: Iterable[str]) -> str:
    """Return words as values of a key: `"a"`, `"b"`."""
    return ", ".join(f'"{word}"' for word in words)


def wrong_name(word: str, reserved: Iterable[str], taken: Iterable[str]) -> str:
    """Return what is wrong with a name, and what would be right; "" if nothing is."""
    if _NAME.fullmatch(word) is None or keyword.iskeyword(word):
        return f"{word[:40]!r} is not a name; use letters, digits and _, as in app_1"
    if len(word) > 40:
        return f"the name {word[:40]}... is too long; the limit is 40 characters"
    if word in reserved:
        return f"the name {word!r} is reserved; choose another name"
    return f"the name {word!r} is taken; choose another name" if word in taken else ""


def _example(kind: type) -> str:
    return {str: '"..."', int: "1", bool: "true", list: "[...]"}.get(kind, "...")


def _cut(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
