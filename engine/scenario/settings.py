"""What the command line sets instead of a scenario's file: `--set KEY=VALUE`, on the file's own keys.

A set key goes into the file's tables before they are read, so that it is checked like the file's own and
every reader of the file finds it. Only `rules` does not: it takes rules with options, as `--rules` does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.machine.topology import PRESETS

TABLES: Final = ("machine", "machine.thresholds", "limits")
"""The tables of the file whose keys can be set."""

HARDWARE: Final = ("memory", "topology", "hwloc", "ranges", "numa")
"""The keys of [machine] that `--machine` replaces."""

_REPLACES: Final = {
    "memory": ("ranges", "numa"),
    "ranges": ("memory",),
    "hwloc": ("memory", "ranges", "numa", "topology"),
}
"""What a key that says where the memory comes from replaces. An hwloc file gives the processors too:
a size or ranges do not replace it; they are refused beside it."""

LONGEST: Final = 4096
RULES: Final = "rules"


@dataclass(frozen=True)
class Setting:
    """A key, `rules` or one in a table of TABLES, and its value."""

    key: str
    value: Any

    @property
    def path(self) -> tuple[str, ...]:
        """The key's parts."""
        return tuple(self.key.split("."))

    @property
    def place(self) -> str:
        """How a message about the value begins."""
        return f"--set {self.key}"


Settings = tuple[Setting, ...]
"""In their order; of two of one key the later holds."""


def parse_setting(text: str) -> Setting:
    """Read KEY=VALUE; the value is TOML, or else a string.

    Errors: BadInput for a KEY that cannot be set.
    """
    key, equals, value = text.partition("=")
    if not equals or len(text) > LONGEST:
        raise BadInput(f"--set {text[:60]!r} is not KEY=VALUE; write one like machine.colors=16")
    return setting(key.strip(), value.strip() if key.strip() == RULES else _toml_value(value))


def setting(key: str, value: Any) -> Setting:
    """A setting of a key.

    Errors: BadInput for a key that cannot be set.
    """
    table, _, name = key.rpartition(".")
    if key != RULES and (table not in TABLES or not name):
        raise BadInput(f"--set {key[:60]!r} cannot be set; set {RULES} or a key of {', '.join(TABLES)}")
    return Setting(key, value)


def _toml_value(text: str) -> Any:
    try:
        read = tomllib.loads(f"value = {text.strip()}\n")
    except (ValueError, RecursionError):
        return text.strip()
    return read["value"] if len(read) == 1 else text.strip()


def split_rules(settings: Iterable[Setting]) -> tuple[str | None, Settings]:
    """The rules that are set last, or None; and the other settings, the last of each key."""
    last = {setting.key: setting for setting in settings}
    rules = last.pop(RULES, None)
    return None if rules is None else str(rules.value), tuple(last.values())


def apply(document: dict[str, Any], settings: Settings) -> None:
    """Put the settings into the tables of a file, as `tomllib` gives them.

    Errors: BadInput when the file has something else where a table is to be.
    """
    for setting in settings:
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
    """Whether memory or processors are among what is set."""
    return any(setting.key in [f"machine.{key}" for key in HARDWARE] for setting in settings)


def without_hardware(settings: Settings) -> Settings:
    """The settings but those of memory and processors."""
    return tuple(one for one in settings if not sets_hardware((one,)))


def hardware_keys(machine: str) -> dict[str, str]:
    """The keys of [machine] that mean what `--machine` says.

    Errors: BadInput for a machine that has no such keys, such as `host`.
    """
    size, colon, grid = PRESETS.get(machine, machine).partition(":")
    if Path(machine).is_file():
        return {"hwloc": str(Path(machine).absolute())}
    if not colon:
        words = f"the machine {machine!r} cannot be written as keys of [machine]"
        raise BadInput(f"{words}; save it with lstopo and give the XML file")
    return {"memory": size, "topology": grid}


def set_machine(document: dict[str, Any], machine: str) -> None:
    """Put a machine's memory and processors into [machine] instead of those that are there.

    Errors: as hardware_keys.
    """
    table = document.setdefault("machine", {})
    for key in HARDWARE:
        table.pop(key, None)
    table.update(hardware_keys(machine))
