"""Settings from the command line: `--set KEY=VALUE` overrides a key of the scenario's file.

A setting is put into the file's tables before they are read, so that it is checked like the file's own keys
and every reader of the file sees it. `rules` is the exception: like `--rules` it accepts rules with options.
A KEY without a table is a parameter of the file (engine.scenario.parameters).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.machine.rules import RULE_VALUES
from engine.machine.topology import PRESETS
from engine.scenario.toml_limits import TOO_LARGE, too_large

SCREEN: Final = "screen"
"""The table of what the screen shows first; a run does not depend on it."""

TABLES: Final = ("machine", "machine.thresholds", "limits", SCREEN)
"""The tables of the file whose keys can be set."""

HARDWARE: Final = ("memory", "topology", "hwloc", "ranges", "numa", "dma_reserved")
"""The keys of [machine] that `--machine` replaces."""

COUNTERS_KEY: Final = "machine.counters"
"""The key whose value is a dump of a real machine, or the name of its file."""

_DUMP_LINE: Final = re.compile(r"(?:PQ_|vmstats\.|vm\.)[\w.]*(?: ?\([^)]*\))? ?[:=]")
"""The start of a dump of one line; `vmstats.txt` is the name of a file."""

SETTABLE: Final = f"set rules or a key of {', '.join(TABLES)}"
"""What can be set in any scenario, for messages."""

_REPLACES: Final = {
    "memory": ("ranges", "numa"),
    "ranges": ("memory",),
    "hwloc": ("memory", "ranges", "numa", "topology"),
}
"""The keys that a setting of each memory key replaces. An hwloc file gives the processors too, so memory and
ranges do not replace it: they are rejected together with it."""

LONGEST: Final = 4096
RULES: Final = "rules"
PARAMETERS: Final = "parameters"
"""The table of the file's parameters."""


@dataclass(frozen=True)
class Setting:
    """A key, `rules`, one in a table of TABLES, or the name of a parameter, and its value.

    origin: where it was given, for messages; "" for a `--set`.
    is_own: whether the value is that of the file in another form, such as the text of a file that it names.
    """

    key: str
    value: Any
    origin: str = field(default="", compare=False)
    is_own: bool = False

    @property
    def is_parameter(self) -> bool:
        """Whether the key can only be the name of a parameter."""
        return "." not in self.key and self.key != RULES

    @property
    def path(self) -> tuple[str, ...]:
        """The way to the key in the file."""
        return (PARAMETERS, self.key) if self.is_parameter else tuple(self.key.split("."))

    @property
    def place(self) -> str:
        """The start of a message about the value."""
        return self.origin or f"--set {self.key}"


Settings = tuple[Setting, ...]
"""In order; a later setting of the same key wins."""


def parse_setting(text: str) -> Setting:
    """Parse KEY=VALUE; a value that is not TOML is a string.

    The path of a dump for `counters` is relative to the working directory, where it was typed.
    Errors: BadInput for a KEY that cannot be set.
    """
    key, equals, value = text.partition("=")
    if not equals or len(text) > LONGEST:
        raise BadInput(f"--set {text[:60]!r} is not KEY=VALUE; write one such as machine.colors=16")
    found = setting(key.strip(), value.strip() if key.strip() == RULES else _toml_value(value))
    if found.key == COUNTERS_KEY and found.value and is_counters_file(found.value):
        return replace(found, value=str(Path(str(found.value)).absolute()))
    return found


def setting(key: str, value: Any, origin: str = "") -> Setting:
    """Return a setting of a key.

    origin: as for Setting.
    Errors: BadInput for a key that cannot be set, or an integer that is too large.
    """
    start = f"{origin}: " if origin else "--set "
    table, _, name = key.rpartition(".")
    if not (key == RULES or (table in TABLES and name) or (key.isascii() and key.isidentifier())):
        raise BadInput(f"{start}{key[:60]!r} is not allowed; {SETTABLE}, or a parameter of the scenario")
    if too_large(value) is not None:
        raise BadInput(f"{start}{key[:60]}: {TOO_LARGE}")
    return Setting(key, value, origin)


def _toml_value(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text.strip()}\n")
    except (ValueError, RecursionError):
        return text.strip()
    return read["value"] if len(read) == 1 else text.strip()


def split_rules(settings: Iterable[Setting]) -> tuple[str | None, Settings]:
    """Return the last setting of the rules, or None, and the last setting of each other key."""
    last = {setting.key: setting for setting in settings}
    rules = last.pop(RULES, None)
    return None if rules is None else str(rules.value), tuple(last.values())


def apply(document: dict[str, Any], settings: Settings) -> None:
    """Put the settings into the tables of a file as parsed by `tomllib`, except values of parameters.

    Errors: BadInput if a key that must be a table has another type in the file.
    """
    for setting in settings:
        if setting.is_parameter:
            continue  # the table keeps the other values, which a seed could choose
        *tables, key = setting.path
        table = document
        for name in tables:
            table = table.setdefault(name, {})
            if not isinstance(table, dict):
                raise BadInput(f"{setting.place}: {name} is not a table in the file; set {name} itself")
        for other in _REPLACES.get(key, ()) if tables == ["machine"] else ():
            table.pop(other, None)
        table[key] = setting.value


def sets_hardware(settings: Settings) -> bool:
    """Whether the settings include memory or processors."""
    return any(setting.key in [f"machine.{key}" for key in HARDWARE] for setting in settings)


def without_hardware(settings: Settings) -> Settings:
    """Return the settings except those of memory and processors."""
    return tuple(one for one in settings if not sets_hardware((one,)))


def of_the_run(settings: Settings) -> Settings:
    """Return the settings that make a run another one than the file's: all but those of the screen.

    Values of parameters are left out too: a run depends on the values, however they were chosen. So are
    values that are the file's own.
    """
    return tuple(one for one in settings if one.path[0] not in (SCREEN, PARAMETERS) and not one.is_own)


def rule_options(settings: Settings) -> frozenset[str]:
    """Return the rule options that the settings set; `machine.thresholds` is one unless it is a table."""
    named = ((one.path[-1], one.value) for one in settings if one.path[:-1] == ("machine",))
    return frozenset(key for key, value in named if key in RULE_VALUES and not isinstance(value, dict))


def without_rules(settings: Settings) -> Settings:
    """Return the settings except those of rule options."""
    return tuple(one for one in settings if not rule_options((one,)))


def is_counters_file(value: object) -> bool:
    """Whether a value of `counters` names a file: it has one line, and does not start as a dump does."""
    return not isinstance(value, str) or not ("\n" in value or _DUMP_LINE.match(value))


def hardware_keys(machine: str) -> dict[str, str]:
    """Return the keys of [machine] that are equivalent to a `--machine`.

    Errors: BadInput for a machine without equivalent keys, such as `host`.
    """
    size, colon, grid = PRESETS.get(machine, machine).partition(":")
    if Path(machine).is_file():
        return {"hwloc": str(Path(machine).absolute())}
    if not colon:
        words = f"the machine {machine!r} cannot be written as keys of [machine]"
        raise BadInput(f"{words}; save it with lstopo and give the XML file")
    return {"memory": size, "topology": grid}


def set_machine(document: dict[str, Any], machine: str) -> None:
    """Replace the memory and processors in [machine] by those of a machine.

    Errors: as hardware_keys.
    """
    table = document.setdefault("machine", {})
    for key in HARDWARE:
        table.pop(key, None)
    table.update(hardware_keys(machine))
