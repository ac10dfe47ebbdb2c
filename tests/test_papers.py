"""The papers of the repository are complete, and what the code says of them is true."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import engine
import explorer
from tests.test_rooms import LEVELS, MODULES

ROOT: Final = Path(engine.__file__).parents[1]

SPEC: Final = {path.name[:2]: path for path in sorted((ROOT / "engine" / "kernel" / "spec").glob("*.md"))}

TRACE_FORMAT: Final = ROOT / "tests" / "conformance" / "golden" / "FORMAT.md"

KERNEL: Final = "f875a8ee"
"""The commit of DragonFly BSD's sys/vm that the specification describes and the traces were recorded from."""

SPEC_REFERENCE: Final = re.compile(r"\bspec (\d\d)\b((?:[^;:.()\"]|\.(?=\w))*)")

_LIST: Final = r"(?:\w+(?:, | and | to )?)+"


def headings(path: Path) -> list[str]:
    """The headings of a Markdown file, lower case, without their marks."""
    return [
        line.lstrip("#* ").lower() for line in path.read_text("utf-8").splitlines() if line.startswith("#")
    ]


def items(path: Path) -> set[str]:
    """The numbered items of a paper, such as `F15` or `C9`: a line or a bold text begins with one."""
    return set(re.findall(r"^(?:\*\*)?([A-Z]\d+)", path.read_text("utf-8"), re.MULTILINE))


CITES: Final = re.compile(r"\bspec\s+\d|DESIGN|\.md\b")
"""What a file has whose texts cite a paper."""


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    """Each string and comment of a Python file that may cite a paper, on one line: (its first line, text)."""
    source = path.read_text("utf-8")
    if not CITES.search(source):
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], re.sub(r"\s+", " ", token.string)


@cache
def all_texts() -> list[tuple[str, str]]:
    """(FILE:LINE, text) of every string and comment of the engine, the explorer and the tests."""
    return [
        (f"{path.relative_to(ROOT)}:{line}", text)
        for folder in ("engine", "explorer", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != Path(__file__).resolve()
        for line, text in _prose(path)
    ]


def unknown_places(number: str, rest: str) -> list[str]:
    """The places named after `spec NN` that are not a section, item or start of a heading of that file.

    rest: `, section 3`, ` sections B and C`, `, F4 to F10`, `, hold`, `, vm_page_grab and vm_page_alloc`;
    prose without a comma before it does not name a place.
    """
    if number not in SPEC:
        return [f"spec {number}"]
    known, numbered = headings(SPEC[number]), items(SPEC[number])
    sections = re.match(rf",? sections? ({_LIST})", rest)
    if sections:
        wanted = re.findall(r"\b(?:\d+|[A-Z])\b", sections[1])
        return [part for part in wanted if not any(re.match(rf"{part.lower()}\. ", line) for line in known)]
    if not rest.startswith(",") or any(line.startswith(rest.strip(" ,").lower()) for line in known):
        return []
    parts = [part.strip(" ,") for part in re.split(r", | and | to ", rest[1:]) if part.strip(" ,")]
    return [
        part
        for part in parts
        if part not in numbered and not any(line.startswith(part.lower()) for line in known)
    ]


def test_a_reference_to_the_specification_names_a_place_that_exists() -> None:
    wrong = [
        f"{place}: spec {number}{rest}: {unknown}"
        for place, text in all_texts()
        for number, rest in SPEC_REFERENCE.findall(text)
        if (unknown := unknown_places(number, rest))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("number", "rest", "unknown"),
    [
        ("21", ", sections 1 and 2", []),
        ("21", ", section 8", ["8"]),
        ("22", " section C", []),
        ("22", ", sections C and J", ["J"]),
        ("21", ", F4 to F10", []),
        ("21", ", F16", ["F16"]),
        ("05", ", hold", []),
        ("05", ", holding", ["holding"]),
        ("03", ", vm_page_grab and vm_page_grub", ["vm_page_grub"]),
        ("13", "", ["spec 13"]),
        ("12", " has a row for it", []),
    ],
)
def test_a_place_that_is_not_there_is_found(number: str, rest: str, unknown: list[str]) -> None:
    assert unknown_places(number, rest) == unknown


def test_a_reference_to_a_decision_names_one_that_exists() -> None:
    text = (ROOT / "engine" / "DESIGN.md").read_text("utf-8")
    decisions = set(re.findall(r"^## Decision (\d+): ", text, re.MULTILINE))
    cited = {
        (place, number)
        for place, text in all_texts()
        for number in re.findall(r"DESIGN, decision (\d+)", text)
    }
    assert {(place, number) for place, number in cited if number not in decisions} == set()
    assert decisions == {"1", "2", "3", "4", "5", "6"}
    assert len(cited) > 10


def test_a_reference_to_the_traces_format_names_a_section_that_exists() -> None:
    known = {line.split(".")[0] for line in headings(TRACE_FORMAT)}
    cited = [
        (place, section)
        for place, text in all_texts()
        for listed in re.findall(rf"FORMAT\.md,? sections? ({_LIST})", text)
        for section in re.findall(r"\d+", listed)
    ]
    assert [(place, section) for place, section in cited if section not in known] == []
    assert len(cited) > 5


def test_no_text_refers_to_a_paper_that_is_not_in_the_repository() -> None:
    outside = re.compile(r"\b(faults|measurements|contracts|style|ui|story|house)\.md\b")
    assert [place for place, text in all_texts() if outside.search(text)] == []


@pytest.mark.parametrize(
    "path",
    ["engine/DESIGN.md", "engine/kernel/__init__.py", "tests/conformance/golden/FORMAT.md", "README.md"],
)
def test_a_paper_says_which_kernel_it_is_about(path: str) -> None:
    assert KERNEL in (ROOT / path).read_text("utf-8")


def _levels(text: str | None) -> list[list[str]]:
    """The layers that a docstring lists, each line's names in their order."""
    names = re.findall(r"^    ((?:\w+(?:, | \| )?)+) {2,}\S", text or "", re.MULTILINE)
    return [re.split(r", | \| ", line) for line in names]


def test_the_engines_docstring_lists_the_layers_as_they_are_ranked() -> None:
    ranked = [
        sorted({room.split(".")[1] for room in rooms}) for rooms in LEVELS if rooms[0].startswith("engine.")
    ]
    assert [sorted(names) for names in _levels(engine.__doc__)] == ranked


def test_the_explorers_docstring_lists_the_layers_from_the_highest() -> None:
    ranked = [rooms[0].split(".")[1] for rooms in LEVELS if rooms[0].startswith("explorer.")]
    order = list(dict.fromkeys(reversed(ranked)))
    listed = [name for names in _levels(explorer.__doc__) for name in names]
    assert listed[-1] == "engine"
    assert sorted(listed[:-1], key=order.index) == sorted(order, key=order.index)
    assert listed.index("cli") < listed.index("commands") < listed.index("lenses") < listed.index("views")


def _named_in(package: str, text: str | None) -> set[str]:
    """The dotted names in backticks of a docstring that begin with a folder of the package or its name."""
    return {
        name if name.startswith(("engine.", "explorer.")) else f"{package}.{name}"
        for name in re.findall(r"`((?:\w+\.)+\w+)`", text or "")
    }


@pytest.mark.parametrize("package", [engine, explorer], ids=["engine", "explorer"])
def test_the_architecture_names_modules_and_functions_that_exist(package: object) -> None:
    name, text = getattr(package, "__name__", ""), getattr(package, "__doc__", "")
    named = {dotted for dotted in _named_in(name, text) if not dotted.split(".")[1][0].isupper()}
    assert len(named) > 5
    assert {dotted for dotted in named if not _exists(dotted)} == set()


def _exists(dotted: str) -> bool:
    """Whether a dotted name is a module, or something that its module defines at the top."""
    if dotted in MODULES:
        return True
    module, _, last = dotted.rpartition(".")
    if module not in MODULES:
        return False
    body = ast.parse(MODULES[module].read_text("utf-8")).body
    return last in {getattr(node, "name", None) for node in body}


def _documented(tree: ast.AST) -> set[ast.AST]:
    """The strings that are statements: docstrings of modules, classes, functions and attributes."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _shown(path: Path) -> Iterator[tuple[int, str]]:
    """The strings of a Python file that can reach a user, docstrings left out: (line, text)."""
    tree = ast.parse(path.read_text("utf-8"))
    documented = _documented(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documented:
            yield node.lineno, node.value


def _seen_by_a_user() -> Iterator[tuple[str, str]]:
    """(FILE:LINE, text) of what pageq may print, and of the README."""
    for path in sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "explorer").rglob("*.py")]):
        yield from ((f"{path.relative_to(ROOT)}:{line}", text) for line, text in _shown(path))
    for path in [ROOT / "README.md", *(ROOT / "engine").rglob("*.toml"), *(ROOT / "explorer").rglob("*.md")]:
        lines = enumerate(path.read_text("utf-8").splitlines(), 1)
        yield from ((f"{path.relative_to(ROOT)}:{line}", text) for line, text in lines)


NUMBERED: Final = re.compile(
    r"\bspec \d\d\b|\bDESIGN, |\bdecision \d\b|^(?:[A-I]\d{1,2}[a-z]?|S\d\d)\b[ :]|\(S\d\d\)|# S\d\d\b"
)
"""A number of the specification, of a decision or of the catalogue of scenarios."""


def test_no_text_that_a_user_sees_has_a_number_of_the_papers() -> None:
    assert [place for place, text in _seen_by_a_user() if NUMBERED.search(text)] == []


@pytest.mark.parametrize(
    "text", ["F14 choose the next neighbour", "A3: sleep", "see spec 21", "# S16", "DESIGN, decision 4"]
)
def test_such_a_number_is_found(text: str) -> None:
    assert NUMBERED.search(text)
