"""The layers: which package may import which, and how large a file may be.

A package's level is its index in LEVELS; a file belongs to the longest package name in LEVELS that prefixes
its module name. A file may import packages of lower levels, and files of its own level if there is no cycle.
"""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import engine

ROOT = Path(engine.__file__).parents[1]
SOURCES = sorted((ROOT / "engine").rglob("*.py")) + sorted((ROOT / "explorer").rglob("*.py"))

LEVELS = [
    ["engine.constants", "engine.errors", "engine.words"],
    ["engine.memory"],
    ["engine.machine"],
    [
        "engine.kernel",
        "engine.kernel.pagers",
        "engine.kernel.process",
        "engine.kernel.pageout",
        "engine.kernel.boot",
    ],
    ["engine.run", "engine.run.schedulers"],
    ["engine.inputs", "engine.inputs.hardware", "engine.inputs.traces", "engine.inputs.dumps"],
    ["engine.references", "engine.policies"],
    ["engine.language"],
    ["engine.invariants"],
    ["engine.debug"],
    ["engine.script"],
    ["engine.scenario"],
    ["engine.questions", "engine.saved", "engine.reports"],
    ["engine.figures"],
    ["engine.replay"],
    ["engine.pool"],
    ["engine.experiments"],
    [
        "engine.explore.graph",
        "engine.explore.model",
        "engine.explore",
        "engine.explore.sample",
    ],
    ["explorer.views"],
    ["explorer.session"],
    ["explorer.lenses.kit"],
    ["explorer.lenses"],
    ["explorer.commands"],
    ["explorer.tui.widgets"],
    ["explorer.tui", "explorer.tui.screens"],
    ["explorer.text"],
    ["explorer.papers"],
    ["explorer.serve"],
    ["explorer.cli"],
]
"""The packages, lowest first; those in one line have the same level."""


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module(path): path for path in SOURCES}


def _imports(path: Path) -> set[str]:
    """The modules of the project that a file imports, also inside functions and for types only."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from package import module` imports the module, not only the package.
            parts = {f"{node.module}.{name.name}" for name in node.names}
            found |= (parts & MODULES.keys()) or {node.module}
    return found & MODULES.keys()


@cache
def _graph() -> dict[str, set[str]]:
    return {module: _imports(path) for module, path in MODULES.items()}


def _level(module: str) -> int | None:
    if module in ("engine", "explorer"):
        return -1
    rooms = {room: level for level, rooms in enumerate(LEVELS) for room in rooms}
    inside = [room for room in rooms if module == room or module.startswith(f"{room}.")]
    return rooms[max(inside, key=len)] if inside else None


def test_a_file_imports_only_lower_levels() -> None:
    levels = {module: _level(module) for module in MODULES}
    assert [module for module, level in levels.items() if level is None] == [], "without a level in LEVELS"
    ranked = {module: level for module, level in levels.items() if level is not None}
    upward = [
        f"{module} imports {other}"
        for module, others in _graph().items()
        for other in others
        if ranked[other] > ranked[module]
    ]
    assert upward == []


def test_every_package_has_a_level() -> None:
    folders = {_module(path) for path in SOURCES if path.name == "__init__.py"} - {"engine", "explorer"}
    assert sorted(folders - {room for rooms in LEVELS for room in rooms}) == []


def test_there_is_no_import_cycle() -> None:
    assert list(TopologicalSorter(_graph()).static_order()), "a cycle is an error of the sorter"


def test_the_root_packages_contain_only_the_lowest_level() -> None:
    assert {path.name for path in (ROOT / "explorer").iterdir() if path.is_file()} == {"__init__.py"}
    ground = {f"{module.rpartition('.')[2]}.py" for module in LEVELS[0]}
    files = {path.name for path in (ROOT / "engine").iterdir() if path.is_file()}
    assert files == {"__init__.py", "py.typed", "DESIGN.md", *ground}


def test_the_top_level_has_no_stray_file() -> None:
    files = {path.name for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".")}
    assert files == {"CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml"}


def test_files_stay_small_enough_to_read() -> None:
    lengths = {module: len(path.read_text("utf-8").splitlines()) for module, path in MODULES.items()}
    assert {module: length for module, length in lengths.items() if length > 500} == {}


def test_every_module_with_a_public_function_has_a_test_file() -> None:
    missing = [
        path.relative_to(ROOT)
        for path in SOURCES
        if not path.name.startswith("__")
        and any(
            isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            for node in ast.parse(path.read_text("utf-8")).body
        )
        and not (ROOT / "tests" / path.relative_to(ROOT)).with_name(f"test_{path.name}").is_file()
    ]
    assert missing == []
