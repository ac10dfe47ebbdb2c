"""[parameters]: the numbers of a scenario that can differ from student to student.

A parameter is one integer or a list of them. A run has one value of each: the first, the one that a seed
chooses, or the one that `--set NAME=VALUE` gives. Scripts and expressions read it by its name. `{NAME}` in
the strings of [machine], in `cpu` and `count` of a [[thread]] and in `nice` of a [[process]] is replaced by
it, as in the texts of pages and questions, before the file's other tables are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final

from engine.errors import BadInput
from engine.language.resolve import TABLES
from engine.language.values import HIGHEST, LOWEST
from engine.run.opening import BOOT
from engine.run.splitmix import splitmix64
from engine.scenario.settings import PARAMETERS, RULES, SETTABLE, Setting, Settings
from engine.scenario.toml_reader import Section, wrong_name
from engine.script.document import OWN
from engine.script.source import RESERVED
from engine.script.verbs import verbs

MOST_VARIANTS: Final = 64
"""The limit of the product of the lengths of all lists, and of the number of parameters."""

NUMBER: Final = "i"
"""`{i}` in a [[thread]] that stands for several threads is the number of each."""

_WORDS: Final = ("run", NUMBER, "yes", "no", RULES, BOOT)
"""Reserved words that objects and threads may have: figures, numbers, answers, settings, and boot."""

_NUMBERS: Final = {"process": ("nice",), "thread": ("cpu", "count")}
"""Keys of each array of tables in which `{NAME}` makes a number: another name is an error."""

_TEXTS: Final = {"": ("lesson",), "page": ("say",), "question": ("ask", "choices", "answer", "why")}
"""Keys of the file, and of each array of tables, that a reader sees: `{NAME}` of another name stays."""

_A_VALUE: Final = "an integer of 64 bits"

_DEEPEST: Final = 5
"""The parts of the longest path to a string that a key can have, as in machine.ranges."""

_REFERENCE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)

Values = Mapping[str, int]
"""The value of each parameter, in the order of the file."""

_Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Parameter:
    """A parameter: the values that the file allows, the default first, and the one in this run."""

    name: str
    values: tuple[int, ...]
    value: int

    @property
    def is_default(self) -> bool:
        """Whether the value is the file's default."""
        return self.value == self.values[0]


Parameters = tuple[Parameter, ...]


def read_parameters(top: Section, settings: Settings, seed: int | None) -> Parameters:
    """Read [parameters], and choose the values of this run.

    top: the whole file. settings: those of other keys are ignored.
    Errors: BadInput with file and line, or with the name of a setting.
    """
    section = top.sub(PARAMETERS, f"[{PARAMETERS}]")
    given = {setting.key: setting for setting in settings if setting.is_parameter}
    for key, setting in given.items():
        if key not in section.table:
            start = f"{setting.origin}: " if setting.origin else "--set "
            raise BadInput(f"{start}{key[:60]!r} is not allowed; {SETTABLE}{_or_one_of(section.table)}")
    if len(section.table) > MOST_VARIANTS:
        raise section.error(f"the file has more than {MOST_VARIANTS} parameters; use fewer")
    lists = {name: _list(section, name, top) for name in section.table}
    if prod(map(len, lists.values())) > MOST_VARIANTS:
        words = f"the parameters have more than {MOST_VARIANTS} variants, the product of their lengths"
        raise section.error(f"{words}; use fewer values")
    return tuple(
        Parameter(name, values, _chosen(values, number, seed, given.get(name)))
        for number, (name, values) in enumerate(lists.items())
    )


def _or_one_of(names: Mapping[str, object]) -> str:
    there = ", ".join(name[:40] for name in names)
    return f", or one of the parameters: {there[:400]}" if there else "; this scenario has no parameters"


def _list(section: Section, name: str, top: Section) -> tuple[int, ...]:
    """Read the values of a parameter.

    Errors: BadInput with file and line, also if the name cannot be one of a parameter.
    """
    taken = _taken(top)
    reserved = name in _WORDS or name in RESERVED or name in TABLES or name in OWN or name in verbs()
    if wrong := wrong_name(name, (name,) if reserved else (), taken):
        raise section.error(f"{wrong}{taken.get(name, '')}", name)
    found = section.take(name, (int, list))
    values = found if isinstance(found, list) else [found]
    if not values:
        raise section.error(f"{name} has no value; write one integer or more, the default first", name)
    if len(values) > MOST_VARIANTS:
        raise section.error(f"{name} has more than {MOST_VARIANTS} values; use fewer", name)
    for number, value in enumerate(values):
        if not _is_value(value):
            words = f"{name}: {repr(value)[:60]} is not {_A_VALUE}"
            raise section.error(f"{words}; write one such as 4", name, number)
        if value in values[:number]:
            raise section.error(f"{name} has the value {value} twice; remove one of them", name, number)
    return tuple(values)


def _is_value(value: object) -> bool:
    return type(value) is int and LOWEST <= value <= HIGHEST


def _taken(top: Section) -> dict[str, str]:
    """The names of the objects, processes and threads as the file writes them, with what has each."""
    tables = ((kind, top.table.get(kind)) for kind in ("object", "process", "thread"))
    parts = ((kind, part) for kind, found in tables if isinstance(found, list) for part in found)
    names = ((kind, part.get("name")) for kind, part in parts if isinstance(part, dict))
    return {name: f": a [[{kind}]] has this one" for kind, name in names if isinstance(name, str)}


def _chosen(values: tuple[int, ...], number: int, seed: int | None, given: Setting | None) -> int:
    """Return the value in a run of parameter `number`, from 0.

    Errors: BadInput if a setting gives anything but an integer.
    """
    if given is not None:
        if not _is_value(given.value):
            words = f"{given.place}: {repr(given.value)[:60]} is not {_A_VALUE}"
            raise BadInput(f"{words}; write one such as {given.key}={values[0]}")
        return int(given.value)
    return values[0] if seed is None else _seeded(values, number, seed)


def _seeded(values: tuple[int, ...], number: int, seed: int) -> int:
    return values[splitmix64(seed + number)[1] % len(values)]


def seeded(parameters: Parameters, seed: int) -> tuple[int, ...]:
    """Return the value of each parameter that a seed chooses, without loading the scenario again."""
    return tuple(_seeded(parameter.values, number, seed) for number, parameter in enumerate(parameters))


def are_default(parameters: Parameters) -> bool:
    """Whether every parameter has the file's default value."""
    return all(parameter.is_default for parameter in parameters)


def are_allowed(parameters: Parameters) -> bool:
    """Whether every parameter has a value of its list; `--set` may give another."""
    return all(parameter.value in parameter.values for parameter in parameters)


def variants(parameters: Parameters) -> tuple[Values, ...]:
    """Return the values of each variant that the file allows, the default ones first."""
    names = [parameter.name for parameter in parameters]
    chosen = product(*(parameter.values for parameter in parameters))
    return tuple(dict(zip(names, values, strict=True)) for values in chosen)


def value_words(values: Values) -> str:
    """Return values in words: `n = 6, wired = 2`; "" for none."""
    return ", ".join(f"{name} = {value}" for name, value in values.items())


# --- in texts -----------------------------------------------------------------------------------------------


def fill_in(top: Section, parameters: Parameters) -> None:
    """Replace each `{NAME}` in the tables of a file; the tables are changed.

    Errors: BadInput with file and line for the name of no parameter, where the string makes a number.
    """
    values = {parameter.name: parameter.value for parameter in parameters}

    def text(written: str, _: _Path) -> str:
        return _REFERENCE.sub(lambda found: str(values.get(found[1], found[0])), written)

    def number(written: str, path: _Path) -> str | int:
        whole = _REFERENCE.fullmatch(written)
        for name in _REFERENCE.findall(written):
            if name not in values and not _stays(name, path):
                raise top.error(_unknown(name, values), *path)
        return values[whole[1]] if whole and whole[1] in values else text(written, path)

    for path, table in _tables(top.table):
        kind = str(path[0]) if path else ""
        for key in tuple(table):
            if kind == "machine" or key in _NUMBERS.get(kind, ()):
                table[key] = _filled(table[key], number, (*path, key))
            elif key in _TEXTS.get(kind, ()):
                table[key] = _filled(table[key], text, (*path, key))


def _stays(name: str, path: _Path) -> bool:
    """Whether `{name}` of no parameter is allowed: in the name of a file, and the number of a thread."""
    return path in (("machine", "hwloc"), ("machine", "counters")) or (
        name == NUMBER and path[0] == "thread" and path[-1] == "cpu"
    )


def _tables(document: dict[str, Any]) -> Iterator[tuple[_Path, dict[str, Any]]]:
    """Yield each table that may use parameters, with its path; other values of its key are left out."""
    yield (), document
    if isinstance(machine := document.get("machine"), dict):
        yield ("machine",), machine
    for key in filter(None, (*_NUMBERS, *_TEXTS)):
        parts = document.get(key)
        for number, part in enumerate(parts if isinstance(parts, list) else ()):
            if isinstance(part, dict):
                yield (key, number), part


def _filled(value: Any, fill: Callable[[str, _Path], object], path: _Path) -> Any:
    if isinstance(value, str):
        return fill(value, path)
    if len(path) > _DEEPEST:
        return value
    if isinstance(value, list):
        return [_filled(part, fill, (*path, number)) for number, part in enumerate(value)]
    if isinstance(value, dict):
        return {key: _filled(part, fill, (*path, key)) for key, part in value.items()}
    return value


def _unknown(name: str, values: Values) -> str:
    if name == NUMBER:
        return f"{{{NUMBER}}} is only allowed in name, cpu and script of a [[thread]]; use a number here"
    there = f"use one of {', '.join(values)}" if values else f"the file has no [{PARAMETERS}]; add {name} = 4"
    return f"{{{name[:40]}}} is not a parameter; {there}"
