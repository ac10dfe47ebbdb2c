"""The results of finished points, kept in the user's cache, so that a sweep measures only what is new.

Each experiment with all that its results depend on has a file of its own, to which a line is added for each
point: the checksum of the rest of the line, and a JSON object. Several processes may add lines at the same
time. A line that is damaged is as good as none. A cache that cannot be read or written is not used: `problem`
says why. When the files together pass `MOST_BYTES`, those that were not written for the longest time go.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.experiments.arithmetic import Number
from engine.experiments.measured import Measured
from engine.experiments.table import LOST
from engine.experiments.values import Value

MOST_BYTES: Final = 64 << 20
"""The size of all files together."""

_SUFFIX: Final = ".lines"


def cache_folder() -> Path:
    """Return the folder of the cache: `experiments` in the user's cache of pageq."""
    # Imported here, so that commands that do not use the cache start faster.
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("pageq") / "experiments"


@dataclass
class Cache:
    """The results of finished points, in the files of a folder.

    problem: why the cache cannot be used, for the user; "" if it can.
    """

    folder: Path = field(default_factory=cache_folder)
    problem: str = ""

    def shelf(self, identity: str, measures: Sequence[str]) -> Shelf:
        """Return the results of an experiment with this identity, and with these measures."""
        shelf = Shelf(self, self.folder / f"{identity}{_SUFFIX}", tuple(measures))
        shelf.read()
        return shelf

    def forget(self) -> int:
        """Remove all results; return the number of experiments that had some.

        Errors: OSError if a file cannot be removed.
        """
        files = self._files()
        for path in files:
            path.unlink(missing_ok=True)
        return len(files)

    def _files(self) -> list[Path]:
        try:
            return [path for path in self.folder.glob(f"*{_SUFFIX}") if path.is_file()]
        except OSError:
            return []

    def make_room(self, kept: Path) -> None:
        """Remove the files that were not written for the longest time, until all others are small enough."""
        sizes = sorted((found.st_mtime_ns, found.st_size, path) for path, found in self._stats())
        total = sum(size for _, size, _ in sizes)
        for _, size, path in sizes:
            if total > MOST_BYTES and path != kept:
                path.unlink(missing_ok=True)
                total -= size

    def _stats(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        for path in self._files():
            try:
                found.append((path, path.stat()))
            except OSError:
                continue  # another process has removed it
        return found

    def failed(self, error: OSError) -> None:
        """Note the first error."""
        why = error.strerror or "it cannot be written"
        self.problem = self.problem or f"results are not kept: {self.folder}: {why}"


class Shelf:
    """The results of one experiment."""

    def __init__(self, cache: Cache, path: Path, measures: tuple[str, ...]) -> None:
        self.cache, self.path, self.measures = cache, path, measures
        self._found: dict[str, Measured] = {}
        self._stream: int | None = None

    def read(self) -> None:
        """Read what the file has; nothing of a file that is too large."""
        try:
            if not self.path.is_file() or self.path.stat().st_size > MOST_BYTES:
                return
            lines = self.path.read_bytes().split(b"\n")
        except OSError as error:
            self.cache.failed(error)
            return
        for line in lines:
            if (found := _read_line(line, self.measures)) is not None:
                self._found[found[0]] = found[1]

    def get(self, settings: Mapping[str, Value]) -> Measured | None:
        """Return the result of a point; None if it has to be measured."""
        return self._found.get(_key(settings))

    def add(self, settings: Mapping[str, Value], measured: Measured) -> None:
        """Keep the result of a point, unless its process died: another time it may not."""
        if measured.outcome == LOST or self.cache.problem:
            return
        try:
            if self._stream is None:
                self._open()
            assert self._stream is not None
            os.write(self._stream, _line(_key(settings), measured))
        except OSError as error:
            self.cache.failed(error)

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.cache.make_room(self.path)
        mode = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        if self.path.is_file() and self.path.stat().st_size > MOST_BYTES:
            mode |= os.O_TRUNC
        self._stream = os.open(self.path, mode, 0o600)

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            os.close(self._stream)
            self._stream = None


class MemoryCache:
    """The results of finished points, kept as long as this object: nothing is read or written."""

    def __init__(self) -> None:
        self._shelves: dict[tuple[str, tuple[str, ...]], MemoryShelf] = {}

    def shelf(self, identity: str, measures: Sequence[str]) -> MemoryShelf:
        """Return the results of an experiment with this identity, and with these measures."""
        return self._shelves.setdefault((identity, tuple(measures)), MemoryShelf())


class MemoryShelf:
    """The results of one experiment in a MemoryCache."""

    def __init__(self) -> None:
        self._found: dict[str, Measured] = {}

    def get(self, settings: Mapping[str, Value]) -> Measured | None:
        """Return the result of a point; None if it has to be measured."""
        return self._found.get(_key(settings))

    def add(self, settings: Mapping[str, Value], measured: Measured) -> None:
        """Keep the result of a point."""
        self._found[_key(settings)] = measured

    def close(self) -> None:
        """Keep the results: a later sweep has them."""


# --- lines ------------------------------------------------------------------------------------------------


def _key(settings: Mapping[str, Value]) -> str:
    """The settings of a point, whatever the order of the keys."""
    return json.dumps(dict(sorted(settings.items())), separators=(",", ":"))


def _line(key: str, measured: Measured) -> bytes:
    """A line that starts with a line end: what was before it may be half a line."""
    record = [key, dict(measured.values), list(measured.notes), measured.outcome, measured.ok]
    text = json.dumps(record, separators=(",", ":")).encode("ascii")
    return b"\n%08x %s\n" % (zlib.crc32(text), text)


def _read_line(line: bytes, measures: tuple[str, ...]) -> tuple[str, Measured] | None:
    """The key and the result of a line; None if it is not one."""
    checksum, _, text = line.partition(b" ")
    if not text or checksum != b"%08x" % zlib.crc32(text):
        return None
    try:
        match json.loads(text):
            case [str(key), dict(values), list(notes), str(outcome), bool(ok)]:
                pass
            case _:
                return None
    except (ValueError, RecursionError):
        return None
    if tuple(values) != measures or not all(map(_is_number, values.values())):
        return None
    return key, Measured(values, tuple(map(str, notes)), outcome, ok)


def _is_number(value: Any) -> bool:
    number: Number = value if value is None or type(value) in (int, float) else float("nan")
    return number == number  # noqa: PLR0124 - not a number is not equal to itself
