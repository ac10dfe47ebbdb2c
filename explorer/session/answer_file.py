"""The file of answers: what a session exports and `pageq grade` reads.

UTF-8 text, one answer a line, its fields separated by tabs:

    # name: Bo Li
    # seed: 7
    life-of-a-page<tab>after-alloc<tab>PQ_NONE

`# name:` names the student of the lines below it. `# seed:` gives the seed of the lines below it, up to the
next `# seed:` or `# name:`. Another line that starts with `#` is a comment. A line of four fields starts with
the name of its own student.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from engine.errors import BadInput
from engine.run.splitmix import MASK64
from explorer.views.safe_text import without_controls

LONGEST: Final = 1000
"""Maximum length of an answer, and of what names its scenario or its question, in characters."""

LONGEST_NAME: Final = 200
"""Maximum length of a student's name, in characters; a longer one is cut."""

MOST_BAD: Final = 100
"""How many bad lines of a file are reported."""

RIGHT_FORM: Final = (
    "use [NAME<tab>]SCENARIO<tab>QUESTION<tab>ANSWER, such as life-of-a-page<tab>after-alloc<tab>PQ_NONE"
)
_HEAD: Final = re.compile(r"#\s*(name|seed)\s*:(.*)", re.IGNORECASE)
_SEED: Final = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """A student's answer.

    seed:     that of the run which the question is about; None if there is none.
    question: the number or the id of the question.
    line:     its line in the file, from 1; 0 if it does not come from a file.
    """

    name: str
    seed: int | None
    scenario: str
    question: str
    given: str
    line: int = 0


# --- reading ----------------------------------------------------------------------------------------------


@dataclass
class AnswerLines:
    """The lines of one file.

    answers: what was answered, in the order of the lines.
    bad:     the errors of the lines that are not answers: the first MOST_BAD; more: the number of the others.
    """

    answers: list[GivenAnswer] = field(default_factory=list)
    bad: list[BadInput] = field(default_factory=list)
    more: int = 0

    def refuse(self, message: str, file: str, line: int) -> None:
        """Add the error of a line."""
        if len(self.bad) < MOST_BAD:
            self.bad.append(BadInput(message, file=file, line=line))
        else:
            self.more += 1


@dataclass
class _Heads:
    """What the head lines above a line say; unknown: whether the last seed cannot be read."""

    name: str
    seed: int | None = None
    unknown: bool = False


def read_answers(text: str, file: str, name: str) -> AnswerLines:
    """Read the text of a file of answers.

    file: for messages. name: the student of the lines without a name, and below an empty `# name:`.
    A line that is not an answer is in `bad`, as a BadInput with FILE:LINE. The answers below a seed that
    cannot be read are left out: they would be compared with those of another run.
    """
    own = clean_name(name) or "unnamed"
    found, heads = AnswerLines(), _Heads(own)
    text = text.removeprefix(codecs.BOM_UTF8.decode()).replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        try:
            if stripped.startswith("#"):
                heads = _heads_below(stripped, heads, own)
            elif stripped and not heads.unknown:
                found.answers.append(_answer(line, heads, number))
        except BadInput as error:
            heads.unknown = heads.unknown or stripped.startswith("#")
            found.refuse(error.message, file, number)
    return found


def _heads_below(line: str, heads: _Heads, own: str) -> _Heads:
    """Return the heads that hold below a line with `#`; own: the name if the line takes the last one away.

    Errors: BadInput for a seed that cannot be read.
    """
    head = _HEAD.fullmatch(line)
    if head is None:
        return heads
    if head[1].lower() == "name":
        return _Heads(clean_name(head[2]) or own)
    return _Heads(heads.name, _seed(head[2].strip()))


def _seed(text: str) -> int:
    """Parse a seed.

    Errors: BadInput.
    """
    if _SEED.fullmatch(text) is None or int(text) > MASK64:
        left_out = "the answers below it are not graded"
        raise BadInput(f"{text[:40]!r} is not a seed, and {left_out}; use a number, such as # seed: 7")
    return int(text)


def _answer(line: str, heads: _Heads, number: int) -> GivenAnswer:
    """Parse a line.

    Errors: BadInput if it is not an answer.
    """
    parts = [part.strip() for part in line.split("\t")]
    if len(parts) == 3:
        parts = [heads.name, *parts]
    if len(parts) != 4 or not all(map(clean_name, parts[:3])):
        raise BadInput(f"{line.strip()[:60]!r} is not an answer; {RIGHT_FORM}")
    name, scenario, question, given = parts
    for what, text in (("scenario", scenario), ("question", question), ("answer", given)):
        if len(text) > LONGEST:
            raise BadInput(f"the {what} has {len(text):,} characters; the maximum is {LONGEST:,}")
    return GivenAnswer(clean_name(name), heads.seed, scenario, question, given, number)


def clean_name(text: str) -> str:
    """Return a student's name in one line, without control characters; a long one is cut.

    Names that look the same are the same text: a letter with an accent is one character.
    """
    name = unicodedata.normalize("NFC", _one_line(text[: 2 * LONGEST_NAME]))
    return name[:LONGEST_NAME].strip()


def _one_line(text: str) -> str:
    return " ".join(without_controls(text).split())


# --- writing ----------------------------------------------------------------------------------------------


def write_answers(answers: Iterable[GivenAnswer]) -> str:
    """Return the text of a file with these answers, in their order; the lines are not used.

    An empty name becomes that of the file when it is read. Otherwise read_answers returns the same answers,
    if names and answers are clean: without control characters, and without spaces around them.
    Errors: BadInput for a scenario or a question that a line cannot name.
    """
    lines, heads = [], _Heads("")
    for one in answers:
        below = _Heads(clean_name(one.name), one.seed)
        if below.name != heads.name or (below.seed is None and heads.seed is not None):
            # Only a line with `name` ends a seed.
            lines.append(f"# name: {below.name}".rstrip())
            heads = _Heads(below.name)
        if below.seed != heads.seed:
            lines.append(f"# seed: {below.seed}")
        heads = below
        fields = _named("scenario", one.scenario), _named("question", one.question), _given(one.given)
        lines.append("\t".join(fields))
    return "".join(f"{line}\n" for line in lines)


def _named(what: str, text: str) -> str:
    """Return a field that names something.

    Errors: BadInput if it would not be read as it is.
    """
    clean = text == without_controls(text).strip() and not {"\t", "\n"} & set(text)
    if not text or not clean or text.startswith("#") or len(text) > LONGEST:
        raise BadInput(f"{text[:60]!r} cannot name the {what} of an answer; rename it")
    return text


def _given(text: str) -> str:
    return _one_line(text)[:LONGEST].strip()
