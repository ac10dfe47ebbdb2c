"""The config file and its settings. pageq writes it only on `pageq config --write`; the user edits it.

An invalid setting gives a message with its line and keeps its default; the other settings take effect. An
error in [keys] keeps all default keys: if two keys are swapped, half of the swap would leave a command
without a key.

What only some settings need is imported where they are read: the table of commands, for [keys], takes longer
than the first frame of a dump.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from platformdirs import user_config_dir

from engine.errors import BadInput
from engine.inputs.file_roles import CONFIG
from engine.inputs.wrong_file import refused
from engine.memory.journal import HISTORY_LIMIT
from engine.scenario.toml_positions import Places
from engine.scenario.toml_reader import Section, parse_toml
from explorer import THEMES
from explorer.commands.keys import Keys, read_key
from explorer.session.progress_file import progress_path

T = TypeVar("T")

MOTIONS: Final = ("full", "none")
LESSONS: Final = ("on", "off")


@dataclass(frozen=True)
class Settings:
    """The look of the screen, its keys, and the limit of a session's history in bytes.

    lessons:  whether opening a scenario opens its lesson, `on` or `off`.
    learn:    whether runs stop at questions: `on` or `off`.
    progress: whether what the user does is kept in a file: `on` or `off`.
    problems: the errors in the file, with file and line.
    """

    theme: str = THEMES[0]
    ascii: bool = False
    projector: bool = False
    motion: str = MOTIONS[0]
    mouse: bool = True
    lessons: str = LESSONS[0]
    learn: str = "on"
    progress: str = "on"
    history: int = HISTORY_LIMIT
    keys: Keys = field(default_factory=Keys)
    problems: tuple[BadInput, ...] = ()

    @property
    def progress_path(self) -> Path | None:
        """The file in which progress is kept; None if it is not kept."""
        return progress_path() if self.progress == "on" else None


def config_path() -> Path:
    """Return the path of the config file, whether it exists or not."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(home, "pageq") if Path(home).is_absolute() else Path(user_config_dir("pageq", False))
    return folder / "config.toml"


def load_settings() -> Settings:
    """Read the settings from the file; a setting that is missing, unreadable or invalid has its default."""
    path = config_path()
    settings = _read_file(path)
    first = next(iter(settings.problems), None)
    if first is None or (other := refused(first, CONFIG, path)) is first:
        return settings
    return _refused(other)


def _read_file(path: Path) -> Settings:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return _refused(BadInput("not UTF-8; save the file as UTF-8 text", file=str(path), line=line))
    except OSError as error:
        return _refused(BadInput(f"cannot be read: {error.strerror}; using the defaults", file=str(path)))
    return read_settings(text, str(path))


def _refused(problem: BadInput) -> Settings:
    return Settings(problems=(problem,))


def motion_allowed(settings: Settings | None = None) -> bool:
    """Whether animations are on: not with TEXTUAL_ANIMATIONS=none, nor with motion = "none".

    settings: those of the screen; by default, those of the file.
    """
    if os.environ.get("TEXTUAL_ANIMATIONS", "").lower() == "none":
        return False
    return (settings or load_settings()).motion != "none"


# --- reading ----------------------------------------------------------------------------------------------


def read_settings(text: str, file: str) -> Settings:
    """Parse the settings from the text of a file; the errors in it are in `problems`."""
    try:
        top = Section("the config file", parse_toml(text, file), (), Places(text), file)
    except BadInput as problem:
        return _refused(problem)
    problems: list[BadInput] = []

    def kept(read: Callable[[], T], default: T) -> T:
        try:
            return read()
        except BadInput as problem:
            problems.append(problem)
            return default

    found = {
        name: kept(lambda name=name, values=values: _one_of(top, name, values), values[0])  # type: ignore[misc]
        for name, values in _VALUES.items()
    }
    history = kept(lambda: _history(top), HISTORY_LIMIT) if top.has("history") else HISTORY_LIMIT
    keys = kept(lambda: _keys(_table(top, "keys"), problems), Keys())
    kept(top.finish, None)
    return Settings(**found, history=history, keys=keys, problems=tuple(problems))


_VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "theme": THEMES,
    "ascii": (False, True),
    "projector": (False, True),
    "motion": MOTIONS,
    "mouse": (True, False),
    "lessons": LESSONS,
    "learn": ("on", "off"),
    "progress": ("on", "off"),
}
"""The values of each setting, the default first."""


def _one_of(top: Section, name: str, values: tuple[T, ...]) -> T:
    if not top.has(name):
        return values[0]
    given = top.table[name]
    for value in values:
        if type(given) is type(value) and given == value:
            return value
    there = " or ".join(map(_spelt, values))
    raise top.error(f"{name} = {_spelt(given)[:60]} is not valid; use {there}", name)


def _history(top: Section) -> int:
    from explorer.session.command_line import read_history_size  # noqa: PLC0415 - see the top of the file

    given = top.table["history"]
    try:
        if not isinstance(given, str):
            raise BadInput("it must be a string")
        return read_history_size(given)
    except BadInput:
        words = f'history = {_spelt(given)[:60]} is not valid; use "1 MiB" to "64 GiB"'
        raise top.error(words, "history") from None


def _spelt(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _table(top: Section, name: str) -> Section:
    if top.has(name) and type(top.table[name]) is not dict:
        given = _spelt(top.table[name])[:60]
        raise top.error(f'{name} = {given} is not a table; write [keys], and below it step = "s"', name)
    return top.sub(name, f"[{name}]")


def _keys(section: Section, problems: list[BadInput]) -> Keys:
    """Parse the table [keys]; on errors, add them to `problems` and return the default keys."""
    before = len(problems)
    changed: dict[str, tuple[str, ...]] = {}
    for name, given in section.table.items():
        try:
            changed[name] = _keys_of(section, name, given)
        except BadInput as problem:
            problems.append(problem)
    if len(problems) == before:
        problems += _clashes(section, changed)
    return Keys(_given_up(changed) | changed) if changed and len(problems) == before else Keys()


def _given_up(changed: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Remove the keys that the file gives to other commands from the default keys: the file wins."""
    from explorer.commands.table import COMMANDS  # noqa: PLC0415 - see the top of the file

    taken = {key for keys in changed.values() for key in keys}
    defaults = {name: command.keys for name, command in COMMANDS.items() if taken & {*command.keys}}
    return {name: tuple(key for key in keys if key not in taken) for name, keys in defaults.items()}


def _keys_of(section: Section, name: str, given: object) -> tuple[str, ...]:
    from explorer.commands.table import COMMANDS  # noqa: PLC0415 - see the top of the file

    if name not in COMMANDS:
        near = difflib.get_close_matches(name[:40], COMMANDS, 1)
        there = f"use {near[0]}" if near else "the ? page lists them"
        raise section.error(f"unknown command {name[:40]!r}; {there}", name)
    wanted = given if isinstance(given, list) else [given]
    found = []
    for number, text in enumerate(wanted):
        place = (name, number) if isinstance(given, list) else (name,)
        if not isinstance(text, str):
            raise section.error(
                f'{name} = {_spelt(given)[:60]} is not a key; write "x" or ["x", "y"]', *place
            )
        try:
            found.append(read_key(text))
        except BadInput as problem:
            raise section.error(f"{name}: {problem.message}", *place) from None
    return tuple(dict.fromkeys(found))


def _clashes(section: Section, changed: Mapping[str, tuple[str, ...]]) -> list[BadInput]:
    """Return an error for each key that the file gives to two commands, at the line of the second."""
    owners: dict[str, str] = {}
    found = []
    for name, keys in changed.items():
        for key in keys:
            other = owners.setdefault(key, name)
            if other != name:
                text = f"{name}: the key {key!r} belongs to {other} already; use another key for one of them"
                found.append(section.error(text, name))
    return found


# --- the file that --write writes -------------------------------------------------------------------------

_HEAD: Final = """\
# Settings of pageq. To change one, remove the # before it; `pageq config --check` validates the file.

# Theme: {themes}.
# theme = "dark"

# Use only ASCII characters on the screen.
# ascii = true

# Use bigger cells, fewer columns and more space between the panels.
# projector = true

# Animations: "full" or "none". The environment variable TEXTUAL_ANIMATIONS=none also turns them off.
# motion = "none"

# Let the screen use the mouse. With false the terminal keeps it, to select and copy text.
# mouse = false

# Open the lesson of a scenario when the scenario is opened: "on" or "off". The key L opens it too.
# lessons = "off"

# Learn mode: runs stop at the questions of a scenario, "on" or "off".
# learn = "off"

# Keep which pages you read and which questions you answered, in a file on this computer: "on" or "off".
# progress = "off"

# How much memory the history of all branches of a session may take.
# history = "512 MiB"

# The keys of each command: one key, a list of keys, or [] for no key. A key belongs to one command only.
[keys]
"""


def default_text() -> str:
    """Return the file that `pageq config --write` writes: every setting, commented out."""
    from explorer.commands.table import GROUPS  # noqa: PLC0415 - see the top of the file

    lines = [_HEAD.format(themes=", ".join(THEMES))]
    for group, commands in GROUPS.items():
        lines.append(f"# {group}\n")
        for command in commands:
            keys = _spelt(command.keys[0] if len(command.keys) == 1 else list(command.keys))
            lines.append(f"# {f'{command.id} = {keys}':<32} # {command.help}\n")
        lines.append("\n")
    return "".join(lines).rstrip("\n") + "\n"
