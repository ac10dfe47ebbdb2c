"""Every error of a scenario file, not only the first: for `pageq check`.

Loading stops at the first error. So the file's tables are repaired where the error is, by something that is
right in any file, and loaded again, until there is no error or one cannot be repaired. An error that only the
repair of another one causes, such as a variable that a removed line would have assigned, is left out.
"""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.inputs.file_roles import SCENARIO
from engine.inputs.wrong_file import asking_for, refused
from engine.scenario.file_text import read_text
from engine.scenario.format import places_of
from engine.scenario.library import OWN, Library
from engine.scenario.loader import compile_document
from engine.scenario.overrides import Given
from engine.scenario.parameters import MOST_VARIANTS
from engine.scenario.settings import PARAMETERS, Settings
from engine.scenario.toml_positions import Places
from engine.scenario.toml_reader import parse_toml

MOST: Final = 100
"""Maximum number of errors that are looked for in one file."""

_LEAST: Final = 10
_UNIQUE: Final = 1_000_000
"""What repairs a text of a list: no other choice of a question has this value, plus its place in the list."""

_LINES: Final = 50_000
"""Lines that all attempts together read, after the first ones: an attempt takes about 0.1 ms a line."""

_ITEMS: Final[dict[str, dict[str, Any]]] = {
    "object": {"name": "unnamed"},
    "process": {"name": "unnamed"},
    "thread": {"name": "unnamed", "script": ""},
    "question": {"before": 0, "ask": "x", "answer": "0", "value": "0"},
    "expect": {"that": "TRUE"},
}
"""An item without errors of each array of tables; a name gets the item's number."""

_RIGHT: Final[dict[str, Any]] = {
    **dict.fromkeys(("value", "answer"), "0"),
    **dict.fromkeys(("script", "items"), ""),
    **dict.fromkeys(("title", "ask"), "x"),
    **dict.fromkeys(("before", "after", "at", "start"), 0),
    **dict.fromkeys(("format", "pages", "count"), 1),
    "each": "cpu",
    "counters": "vmstats.v_free_count: 0",
    **dict.fromkeys(("that", "always"), "TRUE"),
    **dict.fromkeys(("every", "some"), "end"),
    "outcome": "completed",
}
"""A value without errors of each key that cannot be left out, or without which a name would be missing."""

_MISSING: Final = re.compile(r" has no (\w+); add ")
_SLIP: Final = re.compile(r" is not a key of .*; use (\w+)$")
_NAMES: Final = r"([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)"
_ASSIGNED: Final = re.compile(rf"\s*(?:for\s+)?{_NAMES}\s*(?:=(?!=)|in\b)")
_HEADER: Final = re.compile(r"(\s*)(if|elif|while|for|else)\b.*:\s*(#.*)?")


def every_error(
    name_or_path: str,
    *,
    machine: str | None = None,
    rules: str | None = None,
    schedule: str | None = None,
    settings: Settings = (),
    seed: int | None = None,
    library: Library = OWN,
) -> list[BadInput]:
    """Return every error of a scenario, in the order of the file's lines; [] if it loads and starts.

    If the search stops at its limit, the last error says so.
    machine, rules, schedule, settings, seed, library: as for `engine.scenario.loader.load`.
    """
    try:
        path = library.find(name_or_path)
        with asking_for(SCENARIO, path):
            text = read_text(path)
            document = parse_toml(text, str(path))
    except BadInput as error:
        return [error]
    given = Given.of(machine, rules, schedule, settings, seed)
    # The scan of the text takes longest in a large file, so all attempts share it.
    places = places_of(text, given.settings)
    repairs = _Repairs(document, places, path)
    found: dict[tuple[Any, ...], BadInput] = {}
    more: list[BadInput] = []
    for _ in range(min(MOST, max(_LEAST, _LINES // (1 + text.count("\n"))))):
        try:
            scenario = compile_document(_copy(repairs.document), places, text, path, name_or_path, given)
            if not repairs.made:
                scenario.try_setup()
        except BadInput as error:
            if not repairs.explain(error):
                # The traceback would keep the tables of this attempt.
                found.setdefault((error.file, error.line, error.message), error.with_traceback(None))
            if not repairs.repair(error):
                break
        else:
            break
    else:
        more = [BadInput("there may be more errors; correct these first", file=str(path))]
    if any((other := refused(error, SCENARIO, path)) is not error for error in found.values()):
        return [other]
    return sorted(found.values(), key=lambda error: (error.file != str(path), error.line or 0)) + more


def _copy(value: Any) -> Any:
    """Copy the tables of a file."""
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


class _Repairs:
    """The tables of a file, and the repairs made in them.

    made: how often each path, or line of a script, was repaired.
    lost: names that a repair has removed.
    """

    def __init__(self, document: dict[str, Any], places: Places, path: Path) -> None:
        self.document = document
        self.places = places
        self.file = str(path)
        self.made: dict[tuple[Any, ...], int] = {}
        self.lost: set[str] = set()

    def explain(self, error: BadInput) -> bool:
        """Whether a repair caused the error: it is about a name that is no longer there."""
        about = re.findall(
            r"'(\w+)' is not a variable|no (?:variable|thread|process|object) '(\w+)'", error.message
        )
        about += re.findall(
            r"there is no (\w+) (here)|\b(\w+) is (?:a page|a number|an object|NULL)", error.message
        )
        about += re.findall(r"\{(\w+)\} is not (a) parameter", error.message)
        missing = _MISSING.search(error.message)
        if missing is not None and (*(error.key or ()), missing[1]) in self.made:
            return True
        compared = error.message.partition(" compares a page with an object")
        about += [re.findall(r"\w+", compared[0])] if compared[1] else []
        return any(name in self.lost for names in about for name in names)

    def repair(self, error: BadInput) -> bool:
        """Repair what the error is about; return whether there was something to repair."""
        if error.file != self.file or error.line is None:
            return False
        if error.key is None:
            for path, lines in self.places.text.items():
                if path[-1] in ("script", "items") and error.line in lines:
                    return self._repair_script(path, lines.index(error.line))
        at = self._key_at(error.line) if error.key is None else error.key
        if at is not None and at[:1] == (PARAMETERS,):
            return self._repair_parameter(at)
        return at is not None and (self._repair_slip(at, error.message) or self._repair_key(at))

    def _key_at(self, line: int) -> tuple[Any, ...] | None:
        """Return the key on a line of the file, an expression's before others."""
        keys = [path for path, at in self.places.lines.items() if at == line and path]
        keys.sort(key=lambda path: (path[-1] in _RIGHT, len(path)))
        return keys[-1] if keys else None

    def _times(self, *what: Any) -> int:
        self.made[what] = self.made.get(what, 0) + 1
        return self.made[what]

    # --- keys ---------------------------------------------------------------------------------------------

    def _repair_slip(self, path: tuple[Any, ...], message: str) -> bool:
        """Rename a key that is a slip of a missing one, or add a missing key."""
        missing, slip = _MISSING.search(message), _SLIP.search(message)
        if missing is not None and isinstance(table := self._table(path), dict):
            named = missing[1] == "name" and len(path) > 1
            table[missing[1]] = _unnamed(table, path[1]) if named else _RIGHT.get(missing[1], "0")
            if missing[1] == "answer":
                table.pop("choices", None)
            return self._times(*path, missing[1]) == 1
        if slip is not None and slip[1] not in (table := self._table(path[:-1])):
            table[slip[1]] = table.pop(path[-1])
            return True
        return False

    def _repair_key(self, path: tuple[Any, ...]) -> bool:
        """Give a key a right value, or else its item, or else remove its table."""
        if not path:
            return False
        times = self._times(*path)
        if len(path) == 2 and path[0] in _ITEMS:
            return self._repair_item(path, times)
        if times > 1:
            return len(path) > 1 and times < 4 and self._repair_key(path[:-1])
        table = self._table(path[:-1])
        if isinstance(table, list):
            if isinstance(table[path[-1]], dict):
                return self._repair_key(path[:-1])
            table[path[-1]] = str(_UNIQUE + path[-1])
        elif path[-1] == "name" and len(path) == 3:
            self.lost.add(str(table.get("name")))
            table["name"] = _unnamed(table, path[1])
        elif path[-1] in _RIGHT:
            table[path[-1]] = _RIGHT[path[-1]]
            if path[-1] == "answer":
                table.pop("choices", None)
        else:
            return table.pop(path[-1], self) is not self
        return True

    def _repair_parameter(self, path: tuple[Any, ...]) -> bool:
        """Give a parameter one value, the second time remove it; or repair the table as a whole."""
        parameters = self.document[PARAMETERS]
        times = self._times(*path[:2])
        if len(path) == 1:
            # Not a table, too many parameters, or too many variants: keep one value of each.
            table = parameters if isinstance(parameters, dict) else {}
            first = {
                name: next(iter(values), 1) if isinstance(values, list) else values
                for name, values in table.items()
            }
            self.document[PARAMETERS] = dict(list(first.items())[:MOST_VARIANTS])
            self.lost.update(list(first)[MOST_VARIANTS:])
            return times == 1
        if times == 1:
            parameters[path[1]] = 1
        else:
            self.lost.add(path[1])
            del parameters[path[1]]
        return True

    def _repair_item(self, path: tuple[Any, ...], times: int) -> bool:
        """Remove what an item is at odds with, at the second time make it the plainest of its kind."""
        item, plain = self._table(path), {**_ITEMS[path[0]]}
        if "name" in plain:
            plain["name"] = _unnamed(plain, path[1])
        if times > 2:
            return False
        if not isinstance(item, dict) or times == 2:
            self._table(path[:-1])[path[1]] = plain
            return True
        for key in ("cpu", "process", "after" if "before" in item else ""):
            item.pop(key, None)
        if "each" in item or "count" in item:
            item.pop("each", None)
            item["count"] = 1
        if "before" in plain:
            item.setdefault("before", plain["before"])
        return True

    def _table(self, path: tuple[Any, ...]) -> Any:
        table: Any = self.document
        for part in path:
            table = table[part]
        return table

    # --- scripts ------------------------------------------------------------------------------------------

    def _repair_script(self, path: tuple[Any, ...], number: int) -> bool:
        """Replace the statement on line `number`, from 0, by one that does nothing.

        The first time, it still assigns the same variables; the second time, these are what is wrong.
        """
        *parents, key = path
        table = self._table(tuple(parents))
        lines = str(table[key]).split("\n")
        times = self._times(*path, number)
        if number >= len(lines) or times > 2:
            return False
        if key == "items":
            table[key] = ""
            return True
        first, last = _statement_around(lines, number)
        for at in range(first, last):
            assigned = _ASSIGNED.match(lines[at])
            names = re.findall(r"\w+", assigned[1]) if assigned else []
            self.lost.update(names)
            lines[at] = _nothing(lines[at], names if times == 1 else []) if at == first else ""
        table[key] = "\n".join(lines)
        return True


def _unnamed(table: dict[str, Any], number: int) -> str:
    """Return a name for an item of an array of tables, which may stand for several threads."""
    return f"unnamed{number}" + ("_{i}" if "count" in table or "each" in table else "")


def _statement_around(lines: list[str], number: int) -> tuple[int, int]:
    """Return the lines, as a half-open range from 0, of the simple statement or the header at a line."""
    try:
        tree = ast.parse(textwrap.dedent("\n".join(lines)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return number, number + 1
    simple = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and not hasattr(node, "body")]
    for node in simple:
        if node.lineno <= number + 1 <= (node.end_lineno or node.lineno):
            return node.lineno - 1, node.end_lineno or node.lineno
    return number, number + 1


def _nothing(line: str, names: list[str]) -> str:
    """Return a line that does nothing in place of `line`; `names` are the variables that it assigns."""
    header = _HEADER.fullmatch(line)
    if header is None:
        indent = line[: len(line) - len(line.lstrip())]
        nulls = ", ".join("NULL" for _ in names)
        return f"{indent}{', '.join(names)} = {nulls}" if names else f"{indent}pass"
    if names:
        return f"{header[1]}for {names[0]} in range(0):"
    word = header[2] if header[2] in ("elif", "else") else "if"
    return f"{header[1]}{word}{'' if word == 'else' else ' 0'}:"
