"""What a pasted text says, line by line: lists of queue lengths, numbers with a name, and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from engine.constants import PQ_L2_SIZE
from engine.errors import BadInput
from engine.inputs.dumps.lengths import number_of
from engine.inputs.dumps.names import SYSCTL, VMSTAT, VMSTAT_WORDS, kind_and_field, struct_name
from engine.inputs.dumps.pasted_text import MAX_LINE, Row, rows
from engine.inputs.dumps.prefixes import has_prompt, prefix_length, without_quotes
from engine.inputs.dumps.wraps import ListRow, ListRows

WRAPPED: Final = 40
"""A line with a name has to be this long for digits in the next line to be the rest of its number, unless the
lines of a list were wrapped at fewer columns."""

_NUMBERS: Final = re.compile(r"(?=.*[0-9?])[0-9 ,.?'_…-]*\Z")
_LABEL: Final = re.compile(r"PQ_(FREE|CACHE|ACTIVE|INACTIVE|HOLD)(?: ?\([^)]{0,80}\))? ?[:=](?=[ 0-9?-]|\Z)")
_DIGITS: Final = re.compile(r"[0-9][0-9,.'_]* *\Z")
_START: Final = re.compile(r"[0-9 ,.?'_…-]*")
_HALF: Final = re.compile(r" ?[^ ]+\Z")
_VALUE: Final = r"(-?[0-9](?:[0-9,.'_]*[0-9])?)"
_PAIR: Final = re.compile(rf"((?:[a-z][\w.]*\.)?[a-z]\w*) ?[:=] *{_VALUE}(?: -> {_VALUE})? *,? *\Z")
_ODD_PAIR: Final = re.compile(r"((?:vm|vmstats|hw)\.[\w.]+) ?[:=] *(\S.*?) *\Z")
"""A name with something that is not a number, or is more than one, such as `214K` or `12 pages`."""

_FIELD: Final = re.compile(rf"\b(v_[a-z_]+) = {_VALUE}(?=[,}} ]|\Z)")
_COUNT: Final = re.compile(rf"{_VALUE} +([A-Za-z].*?) *\Z")
_COMMAND: Final = re.compile(r"(?:pageq )?(show pageq|show page|vmstat -s)(?![\w-])")
_WORTH_A_LOOK: Final = re.compile(r"PQ_|v_|hw\.|vm\.|page|fault|show |vmstat")


@dataclass(frozen=True)
class Number:
    """A number with a name.

    kind:  the kind of text that it is from.
    name:  the name as written, by which a repetition is known.
    field: the kernel's name.
    value: None if it may be cut.
    """

    line: int
    kind: str
    name: str
    field: str
    value: int | None


@dataclass(frozen=True)
class Command:
    """A command that was typed; what follows is its output."""

    line: int
    kind: str


@dataclass(frozen=True)
class Note:
    """A note on the text."""

    line: int
    text: str


Entry = Number | Command | Note | ListRows


def entries(text: str, file: str) -> Iterator[Entry]:
    """Yield what a text says, in order; a list comes when it is complete.

    Errors: BadInput for a list that is too long, a number beyond 2^63 - 1, or too many lines.
    """
    scan = _Scan(file)
    for row in rows(text, file):
        if len(row.text) > MAX_LINE:
            yield from scan.skip(row)
        elif row.text and not row.text.isspace():
            yield from scan.read(row)
    yield from scan.end()


class _Wrapped(NamedTuple):
    """A long line that ends in a number: its text and line, how it is indented, and what it says."""

    body: str
    line: int
    indent: str
    said: Entry


class _Scan:
    """The state of reading: the list that is open, and lines whose meaning the next line completes.

    quote:   the marks of quoting before the open list.
    pending: a line that is the start of something known, perhaps; with its number.
    struct:  the structure whose fields the lines are.
    wrapped: a line whose number the next line may continue.
    full:    how long such a line is.
    foreign: the line of other text inside of the open list.
    stray:   whether the line before has numbers that do not belong to a list.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.list: ListRows | None = None
        self.quote = ""
        self.pending: tuple[str, int] | None = None
        self.struct: str | None = None
        self.wrapped: _Wrapped | None = None
        self.full = WRAPPED
        self.foreign: int | None = None
        self.stray = False

    def skip(self, row: Row) -> Iterator[Entry]:
        """Leave out a line that is too long to be part of a dump.

        Errors: BadInput if it starts with a list.
        """
        yield from self._flush()
        if "PQ_" in row.text[:160]:
            problem = f"the line has {len(row.text):,} characters; a list has at most {PQ_L2_SIZE:,} numbers"
            raise BadInput(problem, file=self.file, line=row.line)
        yield Note(row.line, f"line {row.line} has {len(row.text):,} characters and is left out")

    def read(self, row: Row) -> Iterator[Entry]:
        """Yield what a line completes."""
        if self.list is not None and row.text.startswith(self.quote):
            content = row.text[len(self.quote) :]
            quote = self.quote
        else:
            quote, content = without_quotes(row.text)
        if _NUMBERS.match(content):
            yield from self._numbers(row, content, 0)
            return
        prefix = prefix_length(content)
        body = content[prefix:]
        if prefix and body and not body.isspace() and _NUMBERS.match(body):
            yield from self._numbers(row, content, prefix)
            return
        yield from self._words(row, quote, content, prefix)

    def end(self) -> Iterator[Entry]:
        """Yield what the end of the text completes."""
        if self.list is not None:
            self.list.last = True
        yield from self._flush()

    # --- lines of numbers ---------------------------------------------------------------------------------

    def _numbers(self, row: Row, content: str, prefix: int) -> Iterator[Entry]:
        text = content[prefix:]
        whole = self._continued(text, row)
        if whole is not None:
            yield from self._flush()
            yield from whole
            return
        if self.list is not None:
            if self.foreign is not None:
                where = f"line {self.foreign}, inside PQ_{self.list.queue}"
                yield Note(self.foreign, f"{where}: the text that is not part of the list is left out")
                self.foreign = None
            self.full = self.list.rows[-1].width
            self.list.add(ListRow(row.line, text, len(row.text), prefix), self.file)
            self.list.ended = row.ended
            return
        yield from self._flush()
        if not self.stray:
            yield Note(row.line, f"the numbers in line {row.line} do not belong to a list; they are left out")
        self.stray = True

    def _continued(self, text: str, row: Row) -> list[Entry] | None:
        """Return what the line before and the digits of this one say together, or None."""
        if self.pending is not None:
            body, line = self.pending
            self.pending = None
            return self._known(body + text.strip(), line, row.ended)
        if self.wrapped is not None and _DIGITS.match(text.removeprefix(self.wrapped.indent)):
            body, line = self.wrapped.body, self.wrapped.line
            self.wrapped = None
            return self._known(body + text.strip(), line, row.ended)
        return None

    # --- lines of words -----------------------------------------------------------------------------------

    def _words(self, row: Row, quote: str, content: str, prefix: int) -> Iterator[Entry]:
        body = content[prefix:].lstrip()
        self.stray = False
        if self.pending is not None:
            before, line = self.pending
            self.pending = None
            for joined in (before + content.rstrip(), f"{before} {body}"):
                found = self._said(joined, line, row, quote, content, prefix)
                if found is not None:
                    yield from found
                    return
        found = None
        if _WORTH_A_LOOK.search(body):
            found = self._said(body, row.line, row, quote, content, prefix)
        if found is None:
            yield from self._foreign(row, content)
            self.pending = (body, row.line) if _WORTH_A_LOOK.search(body) else None
        elif found and self.list is None and len(row.text) >= self.full and content[-1:].isdigit():
            indent = content[: len(content) - len(content.lstrip(" "))]
            *closed, last = found
            yield from closed
            self.wrapped = _Wrapped(body, row.line, indent, last)
        else:
            yield from found

    def _said(
        self, body: str, line: int, row: Row, quote: str, content: str, prefix: int
    ) -> list[Entry] | None:
        """Return what a line says, after what it closes; None if it is not a line of a dump."""
        if _LABEL.match(body):
            before = list(self._flush())
            if self._opens(body, line, row, quote, content, prefix):
                return [*before, *self._half_numbers(body, line)]
            return before or None
        found = self._known(body, line, row.ended)
        return None if found is None else [*self._flush(), *found]

    def _foreign(self, row: Row, content: str) -> Iterator[Entry]:
        """Take a line that is not part of a dump: a prompt ends a list, any other line can be inside."""
        if self.list is None or has_prompt(content):
            yield from self._flush()
            self.struct = None
        else:
            self.foreign = row.line

    def _opens(self, body: str, line: int, row: Row, quote: str, content: str, prefix: int) -> bool:
        """Open the list that a line starts, if it does."""
        label = _LABEL.match(body)
        if label is None:
            return False
        rest = body[label.end() :]
        start = _START.match(rest)
        assert start is not None
        if rest.strip() and not start[0].strip():
            return False
        indent = len(content) - len(content.lstrip(" "))
        self.list = ListRows(label[1], line, indent, [])
        numbers = _HALF.sub(" ?", start[0]) if _is_half(start[0], rest) else start[0]
        self.list.add(ListRow(row.line, numbers, len(row.text), prefix), self.file)
        self.list.ended = row.ended or rest != start[0]
        self.foreign = row.line if rest != start[0] else None
        self.quote = quote
        self.struct = None
        return True

    def _half_numbers(self, body: str, line: int) -> list[Entry]:
        """Return a note if the numbers of a list end inside a word, such as 12K: its number is unknown."""
        assert self.list is not None
        label = _LABEL.match(body)
        start = _START.match(body, label.end() if label else 0)
        assert start is not None
        if not _is_half(start[0], body[start.start() :]):
            return []
        word = start[0].split()[-1] + body[start.end() :].split(maxsplit=1)[0]
        return [Note(line, f"PQ_{self.list.queue} (line {line}): {word[:24]} is not a length; it is unknown")]

    def _known(self, body: str, line: int, ended: bool) -> list[Entry] | None:
        """Return what a line says; None if it is not a line of a dump."""
        struct = struct_name(body)
        if struct is not None:
            self.struct = struct
            return []
        command = _COMMAND.match(body)
        if command is not None:
            return [Command(line, command[1])]
        pair = _PAIR.match(body)
        if pair is not None:
            return self._pair(pair[1], pair[3] or pair[2], line, ended)
        counted = _COUNT.match(body)
        if counted is not None:
            field = VMSTAT_WORDS.get(" ".join(counted[2].split()))
            if field is None:
                return None
            whole = ended or not _is_start_of_another(counted[2])
            return [self._number(VMSTAT, counted[2], field, counted[1], line, whole)]
        odd = _ODD_PAIR.match(body)
        if odd is not None and kind_and_field(odd[1], None) is not None:
            return [
                Note(line, f"{odd[1]} (line {line}): {odd[2][:24]} is not a whole number; it is left out")
            ]
        fields = _FIELD.findall(body)
        if fields:
            return [one for name, value in fields for one in self._pair(name, value, line, ended) or ()]
        return None

    def _pair(self, name: str, value: str, line: int, ended: bool) -> list[Entry] | None:
        if "." in name:
            self.struct = None
        found = kind_and_field(name, self.struct)
        if found is None:
            return [] if self.struct is not None or name.startswith(("vm.", "hw.")) else None
        kind, field = found
        full = name if "." in name or self.struct is None else f"{self.struct}.{name}"
        # A text of one line lacks only its line end.
        return [self._number(kind, full, field, value, line, ended or line == 1)]

    def _number(self, kind: str, name: str, field: str, value: str, line: int, whole: bool) -> Entry:
        try:
            number = number_of(value, unsigned=kind == SYSCTL)
        except BadInput as error:
            raise BadInput(error.message, file=self.file, line=line) from None
        if number is None:
            return Note(line, f"{name} (line {line}): {value[:24]} is not a whole number; it is left out")
        return Number(line, kind, name, field, number if whole else None)

    def _flush(self) -> Iterator[Entry]:
        """Close what is open and yield it."""
        if self.list is not None:
            yield self.list
        if self.wrapped is not None:
            yield self.wrapped.said
        self.list = self.wrapped = self.foreign = None
        self.pending = None


def _is_half(numbers: str, text: str) -> bool:
    """Whether a text that starts with numbers continues inside the word of the last one."""
    after = text[len(numbers) :]
    return bool(after) and not after[0].isspace() and numbers[-1:].isdigit()


def _is_start_of_another(words: str) -> bool:
    return any(other.startswith(words) and other != words for other in VMSTAT_WORDS)
