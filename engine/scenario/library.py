"""Folders of scenarios, each with its course, and lookup of a scenario by name or path.

Listing reads only the keys at the start of each file, so that `pageq list` imports neither NumPy nor the
model.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.inputs.file_roles import COURSE_FOLDER, SCENARIO
from engine.inputs.wrong_file import asking_for
from engine.scenario.course import COURSE_FILE, Course, Unit, read_course
from engine.scenario.file_text import read_text
from engine.scenario.toml_limits import check_size
from engine.scenario.toml_positions import Places
from engine.scenario.toml_reader import Section, parse_toml

LEVELS: Final = ("beginner", "intermediate", "expert")

FIRST: Final = ("life-of-a-page", "tour")
"""The scenarios with which a new user starts."""

MOST_SCENARIOS: Final = 1000
"""Maximum number of scenarios in the folder of a course."""

_MOST_TRIES: Final = 50
"""How many lines that may start the first table are tried, before the whole file is read."""


@dataclass(frozen=True)
class Listing:
    """The data of a scenario in the list."""

    name: str
    title: str
    level: str
    rules: str
    covers: tuple[str, ...]
    teaches: str = ""


@dataclass(frozen=True)
class Library:
    """A folder of scenarios, NAME.toml each, and the course that they make.

    path:        the folder.
    course_file: the file of its course.
    below:       the library whose scenarios can be used too, except those with a name of this one.
    """

    path: Path
    course_file: Path
    below: Library | None = None

    @cached_property
    def course(self) -> Course:
        """The course, which is read once.

        Errors: BadInput with file and line.
        """
        return read_course(self.course_file, self.files())

    @property
    def names(self) -> list[str]:
        """The names of its scenarios, in alphabetical order: the folder's, and those that its units list."""
        borrowed = self.files().keys() & self.course.scenarios if self.below else ()
        return sorted({*self._files(), *borrowed})

    @property
    def ordered(self) -> list[str]:
        """The names of its scenarios: those of the course in its order, then those in no unit."""
        inside, names = self.course.scenarios, self.names
        return [*filter(names.__contains__, inside), *(name for name in names if name not in inside)]

    def by_unit(self, *, broken: bool = False) -> list[tuple[Unit | None, list[Listing]]]:
        """List the scenarios of each unit of the course, in its order; then those in no unit, under None.

        broken, Errors: as listings.
        """
        listed = {one.name: one for one in self.listings(broken=broken)}
        groups: list[tuple[Unit | None, list[Listing]]] = [
            (unit, [listed.pop(name) for name in unit.scenarios if name in listed])
            for unit in self.course.units
        ]
        return [*groups, *([(None, list(listed.values()))] if listed else [])]

    def listings(self, *, broken: bool = False) -> tuple[Listing, ...]:
        """List the scenarios by level, easiest first; FIRST come first within their level.

        broken: whether a file that is not a scenario is listed too, with the error as its title.
        Errors: BadInput with file and line for such a file, unless `broken`.
        """
        files = self.files()
        found = [_listed(files[name], broken=broken) for name in self.names]
        order = {level: n for n, level in enumerate(LEVELS)}
        return tuple(sorted(found, key=lambda one: (order[one.level], one.name not in FIRST, one.name)))

    def listing(self, name: str) -> Listing:
        """List the scenario of a name that `find` knows.

        Errors: as listings.
        """
        return _listed(self.find(name))

    def find(self, name_or_path: str) -> Path:
        """Return the path of a scenario, given its name, here or in the library below, or a path.

        Errors: BadInput, with the nearest names, if there is no such scenario.
        """
        files = self.files()
        if name_or_path in files:
            return files[name_or_path]
        path = Path(name_or_path)
        if _is_there(path):
            return path
        near = difflib.get_close_matches(name_or_path[:80], files, 3, 0.5) or self.course.scenarios[:2]
        shown = name_or_path if len(name_or_path) <= 80 else f"{name_or_path[:80]}..."
        listing = f"pageq list --course {self.path}" if self.below else "pageq list"
        right = f"give a file, or a name such as {', '.join(near)} ({listing} has all)"
        raise BadInput(f"there is no scenario {shown!r}; {right}")

    def name_of(self, path: Path) -> str | None:
        """Return the name under which the scenario of a file is found; None if it has none."""
        return path.stem if self.files().get(path.stem) == path else None

    def files(self) -> dict[str, Path]:
        """Return the scenario files that are found by name, those of the library below too."""
        return {**(self.below._files() if self.below else {}), **self._files()}

    def _files(self) -> dict[str, Path]:
        """Return the scenario files of the folder, by name."""
        return {
            path.stem: path
            for path in self.path.glob("*.toml")
            if path.name != COURSE_FILE and not path.name.startswith(".") and _is_file(path)
        }


OWN: Final = Library(Path(__file__).parent / "library", Path(__file__).parent / COURSE_FILE)
"""The library that comes with the program, and its course."""


def open_course(folder: Path | str) -> Library:
    """Open a folder of scenarios with a course file.

    Its scenarios hide those of OWN with the same name; the others of OWN are found too.
    Errors: BadInput, with file and line if the course file is not right.
    """
    path = Path(folder)
    course_file = path / COURSE_FILE
    if not _is_there(path):
        raise BadInput(f"there is no folder {str(folder)[:80]!r}; give the folder of a course")
    if not path.is_dir():
        with asking_for(COURSE_FOLDER, path):
            raise BadInput("this is not a folder; give the folder that holds the course", file=str(path))
    if not _is_file(course_file):
        words = f"this folder has no {COURSE_FILE}; write one that lists its scenarios (pageq help courses)"
        raise BadInput(words, file=str(path))
    library = Library(path, course_file, OWN)
    if len(library._files()) > MOST_SCENARIOS:
        words = f"this folder has more than {MOST_SCENARIOS:,} scenarios; give the folder of a course"
        raise BadInput(words, file=str(path))
    library.course  # noqa: B018 - an error in it is reported now
    return library


# --- the head of a file -----------------------------------------------------------------------------------

_TABLE: Final = re.compile(r"^\[", re.MULTILINE)


def head_of(text: str) -> tuple[dict[str, Any], str]:
    """Read the keys of a TOML text before its first table, and return that part of the text too.

    The rest of the text is not parsed.
    Errors: ValueError or RecursionError if the text is not TOML.
    """
    for _, table in zip(range(_MOST_TRIES), _TABLE.finditer(text), strict=False):
        head = text[: table.start()]
        try:
            return tomllib.loads(head), head
        except tomllib.TOMLDecodeError:
            continue  # this [ starts a line within a string or list
    return tomllib.loads(text), text


def _listed(path: Path, *, broken: bool = False) -> Listing:
    try:
        return _listing(path, *_state_of(path))
    except BadInput as error:
        if not broken:
            raise
        line = "" if error.line is None else f":{error.line}"
        return Listing(path.stem, f"{path.name}{line}: {error.message}", LEVELS[0], "document", ())


def _state_of(path: Path) -> tuple[int, int]:
    """Return when a file was last changed, and its size; zeros if it has gone since its name was read."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(4 * MOST_SCENARIOS)
def _listing(path: Path, changed: int, size: int) -> Listing:
    """Read the head of a file that was last changed then, and has this size."""
    with asking_for(SCENARIO, path):
        return _read_listing(path)


def _read_listing(path: Path) -> Listing:
    text, file = read_text(path), str(path)
    check_size(text, file)
    try:
        keys, text = head_of(text)
    except (ValueError, RecursionError):
        keys = parse_toml(text, file)
    head = Section("a scenario", keys, (), Places(text), file)
    return Listing(
        path.stem,
        head.one_line("title"),
        head.choice("level", LEVELS, "beginner"),
        head.text("rules", "document"),
        head.texts("covers"),
        head.text("teaches", ""),
    )


def _is_file(path: Path) -> bool:
    """Whether a path is a regular file, which can be read without waiting."""
    try:
        return path.is_file()
    except OSError:
        return False


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False  # the name is too long, or has a NUL byte
