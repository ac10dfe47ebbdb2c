"""Reading what real machines print: `show pageq`, `show page`, sysctls and `vmstat -s`, as pasted.

A text holds one or more moments of a machine. All kinds of output of one moment are one DumpMoment; a new
moment starts where a list or a name comes again, or a command whose output the moment has already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from engine.constants import PAGE_SIZE, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.inputs.dumps.entries import Command, Entry, Note, Number, entries
from engine.inputs.dumps.lengths import NO_LINE_END, lengths_of
from engine.inputs.dumps.moment import QUEUES, DumpMoment, Grid
from engine.inputs.dumps.names import GRID_NAMES, PAGE_SIZE_NAME, PAGEQ, PHYSMEM_NAME, VMSTAT_WORDS
from engine.inputs.dumps.pasted_text import decoded
from engine.inputs.dumps.wraps import ListRows
from engine.inputs.file_head import HEAD
from engine.inputs.file_roles import DUMP
from engine.inputs.traces.file import STDIN, open_trace, readable
from engine.inputs.wrong_file import asking_for, check_kind
from engine.machine.counters import UNKNOWN
from engine.memory.cells import Array
from engine.words import listed, plural

MAX_BYTES: Final = 64 << 20
"""Maximum size of a file, uncompressed."""

MAX_MOMENTS: Final = 10_000

MAX_NOTES: Final = 20
"""Maximum number of notes of a moment; more are counted."""

WANTED: Final = (
    "paste what DDB prints for `show pageq` or `show page`, or the output of `sysctl vm` or `vmstat -s`"
)


MARKS: Final = ("PQ_", "v_", "hw.", *VMSTAT_WORDS)
"""Words of which each dump has at least one."""


def read_dump_file(path: str | int) -> tuple[DumpMoment, ...]:
    """Return the moments of a file, gzipped or not.

    path: a file, or a pipe; or the number of an open file, which stays open.
    Errors: BadInput if the file cannot be read, is larger than MAX_BYTES, or has no dump; as read_dumps.
    """
    name = "stdin" if path == STDIN else str(path)
    with open_trace(path, "a dump") as stream, readable(name, 1):
        raw = stream.read(MAX_BYTES + 1)
    # A file is looked at as it is on the disk: another command may not unpack it.
    head = raw[:HEAD] if path == STDIN else None
    with asking_for(DUMP, name, head):
        if len(raw) > MAX_BYTES:
            raise BadInput(f"the file is larger than {MAX_BYTES >> 20} MiB; split it", file=name)
        moments = read_dumps(decoded(raw), name)
    if all(moment.colors is None for moment in moments):
        # The limits of a scenario are spelt like those that a debugger prints.
        check_kind(DUMP, name, head)
    return moments


def read_dumps(text: str, file: str) -> tuple[DumpMoment, ...]:
    """Return the moments of a text, in order: at least one.

    file: the name for messages.
    Errors: BadInput if the text has no dump, more than MAX_MOMENTS moments, a number beyond 2^63 - 1, or
    lists that no machine has.
    """
    moments: list[DumpMoment] = []
    cut = ""
    # Without one of these words the text cannot be a dump; a long file of another kind is refused at once.
    for draft in _drafts(text, file) if any(mark in text for mark in MARKS) else ():
        moment = draft.finished()
        if not _says_something(moment):
            cut = next((note for note in moment.notes if NO_LINE_END in note), cut)
            continue
        if len(moments) == MAX_MOMENTS:
            problem = f"the text has more than {MAX_MOMENTS:,} moments; split it"
            raise BadInput(problem, file=file, line=moment.line)
        moments.append(_compared(moment, moments))
    if not moments:
        raise BadInput(f"{cut or _what_it_is(text)}; {WANTED}", file=file, line=1)
    return tuple(moments)


def _compared(moment: DumpMoment, before: Sequence[DumpMoment]) -> DumpMoment:
    """Return a moment with a note if it has other colours than the one before."""
    last = next((one.colors for one in reversed(before) if one.colors is not None), None)
    if last is None or moment.colors in (None, last):
        return moment
    note = f"this dump has {plural(moment.colors or 0, 'colour')}, the one before {last:,}"
    return replace(moment, notes=(*moment.notes, note))


def _what_it_is(text: str) -> str:
    if not text or text.isspace():
        return "the text is empty"
    head = text[:4096]
    if "\0" in head or head.count("\ufffd") > len(head) // 20:
        return "this is not text"
    return "this is not a dump of a machine"


def _says_something(moment: DumpMoment) -> bool:
    known = (*moment.queues.values(), *moment.vmstats.values(), moment.grid, moment.physmem)
    return bool(moment.events) or any(value is not None for value in known)


def _drafts(text: str, file: str) -> Iterator[_Draft]:
    """Yield what each moment consists of."""
    draft = _Draft(file)
    for entry in entries(text, file):
        if draft.has(entry):
            yield draft
            draft = _Draft(file)
        draft.add(entry)
    yield draft


class _Draft:
    """The entries of one moment."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.line: int | None = None
        self.lists: dict[str, ListRows] = {}
        self.numbers: dict[tuple[str, str], Number] = {}
        self.kinds: set[str] = set()
        self.notes: list[str] = []

    def has(self, entry: Entry) -> bool:
        """Whether an entry repeats one of this moment, and so is the start of the next."""
        if isinstance(entry, ListRows):
            return entry.queue in self.lists
        if isinstance(entry, Number):
            return (entry.kind, entry.name) in self.numbers
        return isinstance(entry, Command) and entry.kind in self.kinds

    def add(self, entry: Entry) -> None:
        """Take an entry."""
        if isinstance(entry, Note):
            self.notes.append(entry.text)
        elif isinstance(entry, ListRows):
            self.lists[entry.queue] = entry
            self.kinds.add(PAGEQ)
        elif isinstance(entry, Number):
            self.numbers[entry.kind, entry.name] = entry
            self.kinds.add(entry.kind)
        if self.line is None and isinstance(entry, ListRows | Number):
            self.line = entry.line

    def finished(self) -> DumpMoment:
        """Return the moment.

        Errors: BadInput for lists that no machine has.
        """
        queues: dict[str, Array | None] = dict.fromkeys(QUEUES)
        if self.lists:
            lengths = lengths_of(list(self.lists.values()), self.file)
            queues |= lengths.queues
            self.notes += lengths.notes
        values = self._values()
        counted = {name: value for name, value in values.items() if not name.startswith("hw.")}
        page_size = counted.pop(PAGE_SIZE_NAME, PAGE_SIZE)
        if page_size != PAGE_SIZE:
            self.notes.append(f"a page has {page_size:,} bytes here, not {PAGE_SIZE:,}")
        vmstats = {name: counted.pop(name, None) for name in VMSTATS_FIELDS}
        return DumpMoment(
            self.file,
            self.line or 1,
            queues,
            vmstats,
            counted,
            _grid(values),
            values.get(PHYSMEM_NAME),
            _first_of(self.notes),
        )

    def _values(self) -> dict[str, int]:
        """Return the value of each name; where two kinds of text differ, that of the first."""
        values: dict[str, int] = {}
        first: dict[str, Number] = {}
        different: dict[tuple[str, str], list[Number]] = {}
        for number in self.numbers.values():
            if number.value is None:
                where = f"the text ends in line {number.line}, {number.name}, {NO_LINE_END}"
                self.notes.append(f"{where}; the number may be cut and is unknown")
            elif number.field not in values:
                values[number.field] = number.value
                first[number.field] = number
            elif number.value != values[number.field]:
                kinds = (first[number.field].kind, number.kind)
                different.setdefault(kinds, []).append(number)
        for (one, other), numbers in different.items():
            self.notes.append(_differing(one, other, sorted({number.field for number in numbers})))
        return values


def _first_of(notes: list[str]) -> tuple[str, ...]:
    if len(notes) <= MAX_NOTES:
        return tuple(notes)
    return (*notes[:MAX_NOTES], f"and {plural(len(notes) - MAX_NOTES, 'note')} more")


def _differing(one: str, other: str, fields: list[str]) -> str:
    names = listed(fields[:3]) if len(fields) <= 3 else f"{fields[0]} and {plural(len(fields) - 1, 'other')}"
    if one == other:
        return f"{one} gives two values of {names}; the first is shown"
    return f"{one} and {other} differ in {names}; the values of {one}, which comes first, are shown"


def _grid(values: Mapping[str, int]) -> Grid | None:
    """Return the processors; a level that the kernel did not detect, 0, is unknown."""
    if not values.keys() & GRID_NAMES.keys():
        return None
    levels = {field: values.get(name, 0) for name, field in GRID_NAMES.items()}
    return Grid(**{field: level if level > 0 else None for field, level in levels.items()})


def dump_text(moment: DumpMoment) -> str:
    """Return a moment as text, from which read_dumps makes an equal moment.

    Equal are the lengths, counters, limits and processors; file, line and notes are not part of the text. An
    unknown length is `?`.
    """
    lines = [
        f"PQ_{name}:" + "".join(" ?" if length == UNKNOWN else f" {length}" for length in lengths.tolist())
        for name, lengths in moment.queues.items()
        if lengths is not None
    ]
    lines += [f"vmstats.{name}: {value}" for name, value in moment.vmstats.items() if value is not None]
    lines += [f"vm.stats.vm.{name}: {value}" for name, value in moment.events.items()]
    if moment.physmem is not None:
        lines.append(f"{PHYSMEM_NAME}: {moment.physmem}")
    for name, field in GRID_NAMES.items():
        level = None if moment.grid is None else getattr(moment.grid, field)
        lines += [] if level is None else [f"{name}: {level}"]
    return "".join(f"{line}\n" for line in lines)
