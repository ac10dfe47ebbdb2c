"""Every text of the project is plain modern technical English: a word list of what it is not.

The list holds words of a dialect that the project once had. It reads strings, docstrings and comments of
Python files, the names of tests, and every Markdown, TOML and style file.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]

FOLDERS: Final = ("engine", "explorer", "tests", ".github")

SUFFIXES: Final = (".py", ".md", ".toml", ".tcss")

BETTER: Final = {
    r"behind(?!-proxy\b)": "after, past, later than",
    r"(?<!here )(is|are|was|were|be) none": "is not a, is not one, does not exist",
    r"(?<!here )(is|are|was|were) no(?!-| longer| more\b| less| fewer| later| earlier)": "is not a, has no",
    r"(un)?told|tell(s|ing)?(?! them apart| apart)": "says, shows, reports, prints; known",
    r"(the|a|its|each|every|at|from) begin": "the start",
    r"whence|thence|hither|thither": "from where, from there",
    r"where(of|by|in|upon)|there(of|by|in|upon)|here(of|by|in|upon)": "of which, in it, so",
    r"dear(er|est)?": "expensive, slow",
    r"(a|the|another|each|one) person|persons": "you, a user, a student, a reader",
    r"stands?(?! for\b)|stood|standing(?! for\b)": "is, holds",
    r"(?<!that )lies?|lay|lain|lying": "is",
    r"(some|any|every|no)body|whoever|whosoever|(some|any|every)one": "a thread, no thread, it, you, a user",
    r"for good": "permanently",
    r"(go|goes|went|gone) on(?! (the|a|its|PQ)\b)": "continues, runs on",
    r"steps? on": "advances",
    r"in silence|without a word": "silently",
    r"anew|afresh": "again",
    r"by and by|at hand|of late|of old|as of yet|nought|naught|aught": "plain words",
    r"upon|amid|amongst|whilst|ere|lest|nigh|betwixt": "on, among, while, before",
    r"if need be|need not|needs not|needs no|dares?": "if needed, does not need to",
    r"but for|save for": "except",
    r"way to look|ways to look|looks? another way": "lens",
    r"fares?|fared": "did",
    r"shall|verily|albeit|henceforth|heed(s|ed)?": "plain words",
    r"rests? in a file|let \w+ rest": "is kept, disable",
    r"of a sudden|at a blow|at one go|in one go": "at once",
    r"shows? you round": "shows you around",
}
"""Pattern of a word or phrase -> what to write instead."""

_DIALECT: Final = [
    (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), better) for pattern, better in BETTER.items()
]

_ANY: Final = re.compile(rf"\b(?:{'|'.join(f'(?:{pattern})' for pattern in BETTER)})\b", re.IGNORECASE)
"""Any of them: one search of a text that has none, as nearly all have."""


def _python_texts(source: str) -> Iterator[tuple[int, str]]:
    """Strings, comments and the names of tests: (line, text)."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            yield from enumerate(token.string.splitlines(), token.start[0])
        elif token.type == tokenize.NAME and token.string.startswith("test_"):
            yield token.start[0], token.string.replace("_", " ")


def dialect(path: Path) -> list[str]:
    """Every listed word in a file, as `LINE: word: what to write instead`."""
    source = path.read_text(encoding="utf-8")
    texts = _python_texts(source) if path.suffix == ".py" else enumerate(source.splitlines(), 1)
    return [
        f"{line}: {found[0]!r}: {better}"
        for line, text in texts
        if _ANY.search(text)
        for pattern, better in _DIALECT
        for found in pattern.finditer(text)
    ]


def _files() -> list[Path]:
    inside = [
        path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.suffix in SUFFIXES
    ]
    return [path for path in [*sorted(ROOT.glob("*.md")), *inside] if path != Path(__file__).resolve()]


def test_every_text_is_in_plain_english() -> None:
    # One test for all files: a test for each would take longer to start than to run.
    wrong = [f"{path.relative_to(ROOT).as_posix()}:{found}" for path in _files() for found in dialect(path)]
    assert wrong == []
