"""What a file is, by its content: the files that pageq reads or writes, and those it is given by mistake.

A kind is looked for only in a file that its reader has refused (engine.inputs.wrong_file), so a right file
never pays for it. The first lines decide, not the whole file: a kind says what the file was meant to be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.inputs.dumps.entries import Number, entries
from engine.inputs.dumps.names import PRINTED
from engine.inputs.dumps.wraps import ListRows
from engine.inputs.file_head import Head, head_of, read_head
from engine.inputs.file_roles import (
    ANSWERS,
    CONFIG,
    COURSE,
    DUMP,
    EXPERIMENT,
    HWLOC,
    KERNEL_TRACE,
    PROGRESS,
    REFERENCES,
    SCENARIO,
    SCHEDULE,
    SESSION,
    STATE,
    UNPACKED,
)
from engine.inputs.reference_lines import CSV, DIN, columns_of, format_of_lines
from engine.inputs.written_keys import JsonKeys, TomlKeys, json_keys, toml_keys

_LINES: Final = 8
"""Lines at the start of a file that must all be of a kind."""


@dataclass(frozen=True)
class FileKind:
    """A kind of files.

    name:    with its article.
    advice:  the command that takes such a file, with FILE for its path, FOLDER for its folder and NAME for
             its name without the suffix; "" if no command does.
    role:    what a reader of such files asks for, a constant of engine.inputs.file_roles; "" for none.
    encoded: whether it is so only after gzip or UTF-16 is undone, which its reader does not do.
    vague:   whether it only says what the content is not.
    """

    name: str
    advice: str = ""
    role: str = ""
    encoded: bool = False
    vague: bool = False


_SCENARIO: Final = FileKind(SCENARIO, "use pageq run FILE", SCENARIO)
_EXPERIMENT: Final = FileKind(EXPERIMENT, "use pageq experiment FILE", EXPERIMENT)
_COURSE: Final = FileKind(COURSE, "use pageq course --course FOLDER", COURSE)
_CONFIG: Final = FileKind(CONFIG, "put it where pageq config says", CONFIG)
_STATE: Final = FileKind(STATE, "use pageq tui --open FILE", STATE)
_SESSION: Final = FileKind(SESSION, "use pageq tui --session NAME", SESSION)
_PROGRESS: Final = FileKind(PROGRESS, "use pageq course to see it", PROGRESS)
_ANSWERS: Final = FileKind(ANSWERS, "use pageq grade FILE", ANSWERS)
_HWLOC: Final = FileKind(HWLOC, "use pageq boot --machine FILE", HWLOC)
_SCHEDULE: Final = FileKind(SCHEDULE, "use pageq run SCENARIO --schedule @FILE", SCHEDULE)
_KERNEL: Final = FileKind(KERNEL_TRACE, "use pageq conform FILE", KERNEL_TRACE)
_LIMITS: Final = FileKind("a table of the kernel's limits", _KERNEL.advice, KERNEL_TRACE)
_DUMP: Final = FileKind(DUMP, "use pageq map FILE", DUMP)
_EMPTY: Final = FileKind("an empty file", vague=True)
_BINARY: Final = FileKind("a binary file", vague=True)
_GZIP: Final = FileKind("a gzip file", vague=True)
_UTF16_READ: Final = (HWLOC, DUMP)
"""The kinds whose readers take UTF-16 with a byte order mark too."""

_UTF16: Final = FileKind("text in UTF-16", "save it as UTF-8", encoded=True)

_REFERENCES: Final = {
    "lackey": "a valgrind lackey trace",
    "pin": "a Pin trace",
    "rw": "a trace of reads and writes",
    DIN: "a Dinero trace",
    "addresses": "a list of addresses",
    "pages": "a list of page numbers",
    CSV: "a table of accesses",
}
"""The names of the formats of reference strings."""

_REPLAY: Final = "use pageq replay FILE --frames 64"


def kind_of(head: bytes) -> FileKind | None:
    """Return the kind of a file, given its first bytes (HEAD of engine.inputs.file_head); None if unknown."""
    return next(_kinds(head_of(head)), None)


def kind_of_file(path: Path | str) -> FileKind | None:
    """Return the kind of a regular file; None if it is unknown, or the file cannot be read."""
    head = read_head(path)
    return None if head is None else kind_of(head)


def kinds_of(head: bytes) -> tuple[FileKind, ...]:
    """Return everything that a file may be, the likeliest first: lines of digits can be several things."""
    return tuple(_kinds(head_of(head)))


def _kinds(head: Head) -> Iterator[FileKind]:
    text = head.text
    for recognise in _RECOGNISERS:
        if (kind := recognise(head)) is not None:
            yield _as_written(kind, head)
    if head.utf16 and _is_plain(text):
        yield _UTF16
    elif head.gzipped:
        yield _GZIP
    elif not head.raw:
        yield _EMPTY
    elif _is_binary(text):
        yield _BINARY


def _as_written(kind: FileKind, head: Head) -> FileKind:
    """Say how a kind is written, where its reader does not undo that."""
    name, advice = kind.name, ""
    if head.gzipped and kind.role not in UNPACKED:
        name, advice = f"a gzipped {name.partition(' ')[2]}", "unpack it with gzip -d"
    if head.utf16 and not (head.has_mark and kind.role in _UTF16_READ):
        name, advice = f"{name} in UTF-16", f"{advice} and save it as UTF-8" if advice else "save it as UTF-8"
    return replace(kind, name=name, advice=advice, encoded=True) if advice else kind


# --- the recognisers --------------------------------------------------------------------------------------

_MAGIC: Final = {
    b"\x89PNG\r\n\x1a\n": FileKind("a PNG picture"),
    b"%PDF-": FileKind("a PDF file"),
}
_STATE_STRING: Final = re.compile(r"\s*pq1-[A-Za-z0-9_-]{4}")
_XML: Final = (
    (re.compile(r"<!DOCTYPE topology|<topology\b"), _HWLOC),
    (re.compile(r"<svg\b"), FileKind("an SVG picture")),
    (re.compile(r"<quiz>"), FileKind("a question bank for Moodle")),
    (re.compile(r"(?i)<!DOCTYPE html|<html\b"), FileKind("an HTML page")),
)
_SHEBANG: Final = re.compile(r"#!.*?\b(python|bash|dash|ksh|zsh|fish|csh|tcsh|sh)[\d.]*(?:\s|$)")
_PYTHON_STARTS: Final = re.compile(r"\s*(?:#.*\n\s*)*(?:r?\"{3}|r?'{3}|from |import |def |class |@)")
_PYTHON: Final = re.compile(r"(?m)^(?:from [A-Za-z_][\w.]* import |import [A-Za-z_][\w.]*(?:, | as |\s*$))")


def _by_magic(head: Head) -> FileKind | None:
    return next((kind for mark, kind in _MAGIC.items() if head.raw.startswith(mark)), None)


def _state(head: Head) -> FileKind | None:
    return _STATE if _STATE_STRING.match(head.text) else None


def _xml(head: Head) -> FileKind | None:
    if not head.text.lstrip().startswith("<"):
        return None
    found = ((mark.search(head.text), kind) for mark, kind in _XML)
    return min(((at.start(), kind) for at, kind in found if at), default=(0, None), key=lambda one: one[0])[1]


def _script(head: Head) -> FileKind | None:
    if (found := _SHEBANG.match(head.text)) is None:
        return None
    return FileKind("a Python script" if found[1] == "python" else "a shell script")


def _python(head: Head) -> FileKind | None:
    starts = _PYTHON_STARTS.match(head.text)
    return FileKind("a Python script") if starts and _PYTHON.search(head.text) else None


# --- JSON -------------------------------------------------------------------------------------------------

_OUTPUTS: Final = (
    ("course", {"units", "others"}),
    ("explore", {"outcomes", "states"}),
    ("experiment", {"experiment", "verdicts"}),
    ("replay", {"trace", "references"}),
    ("conform", {"segments", "divergences"}),
    ("check", {"files"}),
    ("boot", {"phys_ids", "vmstats"}),
    ("differences", {"machine", "rows"}),
    ("why", {"cell", "chain"}),
    ("whynot", {"allowed", "conditions"}),
    ("biography", {"subject", "changes"}),
    ("grade", {"right", "asked"}),
    ("questions", {"questions"}),
    ("verbs", {"functions"}),
    ("export", {"branch", "digest"}),
    ("map", {"moments"}),
    ("show", {"page"}),
    ("show", {"pageq"}),
    ("show", {"sysctl"}),
)
"""The keys of what commands print with --json, after `format`."""


def _json(head: Head) -> FileKind | None:
    found = json_keys(head.text)
    if found is None:
        return None
    keys = found.values.keys()
    if found.listed:
        listed = {"mem_mb", "v_page_count"} <= keys
        return _LIMITS if listed else _output("list") if {"name", "title", "covers"} <= keys else None
    if "header" in keys:
        return _KERNEL
    return _own_json(found) if found.values.get("format", "") == "1" else None


def _own_json(found: JsonKeys) -> FileKind | None:
    """What has a format: a file of pageq, or what a command printed."""
    keys = found.values.keys()
    if found.values.get("token", "").startswith("pq1-"):
        return _SESSION
    if "courses" in keys:
        return _PROGRESS
    if found.values.get("type") in ("start", "scenario"):
        return _output("run")
    return next((_output(command) for command, marks in _OUTPUTS if marks <= keys), None)


def _output(command: str) -> FileKind:
    return FileKind(f"a JSON output of pageq {command}")


# --- TOML -------------------------------------------------------------------------------------------------

_OF_COURSE: Final = {"unit"}
_OF_EXPERIMENT: Final = {"measure", "vary", "verdict", "latency"}
_OF_SCENARIO: Final = {
    *("machine", "setup", "limits", "object", "process", "thread", "schedule", "question", "expect"),
    *("page", "screen", "parameters", "level", "teaches", "covers", "rules", "lesson"),
}
_OF_CONFIG: Final = {
    *("theme", "ascii", "projector", "motion", "mouse", "lessons", "learn", "progress", "history", "keys"),
}
_DEFAULT_CONFIG: Final = "# Settings of pageq."


def _toml(head: Head) -> FileKind | None:
    if head.text.startswith(_DEFAULT_CONFIG):
        return _CONFIG
    return _toml_kind(toml_keys(head.text))


def _toml_kind(found: TomlKeys) -> FileKind | None:
    if found.tables & _OF_COURSE:
        return _COURSE
    if found.tables & _OF_EXPERIMENT:
        return _EXPERIMENT
    own = {"format", "title"} <= found.keys
    if own and "claim" in found.keys:
        return _EXPERIMENT
    if found.tables & {"thread", "machine"} or (own and (found.tables | found.keys) & _OF_SCENARIO):
        return _SCENARIO
    every = found.keys | found.tables
    return _CONFIG if every and every <= _OF_CONFIG else None


# --- lines ------------------------------------------------------------------------------------------------

_ITEM: Final = re.compile(
    r"(?:timeout:[A-Za-z_]\w*|[A-Za-z_]\w*:(?:\d+|line|op|block|end)|random:\d+)|(?:rr|tick|io|[A-Za-z_]\w*)"
)


def _first_lines(text: str) -> list[str]:
    """The first lines with more than blanks or a comment."""
    told = (line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#"))
    return [line for line, _ in zip(told, range(_LINES), strict=False)]


def _answers(head: Head) -> FileKind | None:
    if re.match(r"#\s*(?:name|seed)\s*:", head.lines):
        return _ANSWERS
    rows = [line.split("\t") for line in _first_lines(head.lines)]
    right = (len(row) in (3, 4) and all(map(str.strip, row[:-1])) for row in rows)
    return _ANSWERS if rows and all(right) else None


def _dump(head: Head) -> FileKind | None:
    try:
        found = [one for one in entries(head.lines, "") if isinstance(one, Number | ListRows)]
    except BadInput:
        return _DUMP  # only a number or a list of a dump can be too long
    # A book on the kernel, or a scenario in it, has a line `v_free_min = 69` too.
    sure = any(isinstance(one, ListRows) or one.kind != PRINTED for one in found)
    return _DUMP if sure or len(found) > 1 else None


def _references(head: Head) -> FileKind | None:
    lines = head.lines.split("\n")
    told = [line.encode() for line in lines if line.strip() and not line.startswith(("==", "#"))][:_LINES]
    form, columns = format_of_lines(told), columns_of(_first_lines(head.lines))
    if form is None and columns is None:
        return None
    extra = f" --format {DIN}" if form == DIN else f" --columns {columns}" if form is None else ""
    return FileKind(_REFERENCES[form or CSV], f"{_REPLAY}{extra}", REFERENCES)


def _schedule(head: Head) -> FileKind | None:
    words = [word.strip() for line in _first_lines(head.lines) for word in line.split("#")[0].split(",")]
    items = [_ITEM.fullmatch(word) for word in words if word]
    sure = any(item is not None and (":" in item[0] or item[0] == "rr") for item in items)
    return _SCHEDULE if sure and all(items) else None


def _is_binary(text: str) -> bool:
    """Whether a text has a NUL, or many characters that no text has."""
    odd = sum(letter == "\ufffd" or (letter < " " and letter not in "\t\n\f\x1b\b") for letter in text)
    return "\0" in text or odd * 10 > len(text) > 0


def _is_plain(text: str) -> bool:
    """Whether most characters are ASCII, as in every file of pageq: UTF-16 fits any other bytes too."""
    return 2 * sum(letter < "\x7f" for letter in text) > len(text)


_RECOGNISERS: Final[tuple[Callable[[Head], FileKind | None], ...]] = (
    *(_by_magic, _state, _xml, _json, _script, _python, _toml, _answers, _dump, _references, _schedule),
)
"""In this order: what is marked clearly first, then what is known by its lines."""
