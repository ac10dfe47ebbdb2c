"""What is imported when: no screen without a screen, and no NumPy for a list or a help text.

Each case is a fresh process that does one thing and then names the packages it must not have loaded.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from explorer.cli.entry import sub_commands
from tests.tiers import only_fast

ROOT: Final = Path(__file__).resolve().parents[1]

TEXTUAL: Final = frozenset({"textual"})

SCREEN: Final = TEXTUAL | {"rich"}

GRAPHS: Final = SCREEN | {"networkx", "plotext"}

HEAVY: Final = GRAPHS | {"numpy", "engine.machine.machine"}

EVERYTHING: Final = (
    "import importlib, pkgutil, engine\n"
    "for module in pkgutil.walk_packages(engine.__path__, 'engine.'):\n"
    "    importlib.import_module(module.name)\n"
)

LENSES: Final = (
    "from explorer.lenses.kit.registry import LENSES, lens_named\n"
    "for name in LENSES[1:]:\n"
    "    lens_named(name)\n"
)

TEXT_MODE: Final = (
    "import io\nsys.stdin = io.StringIO('step 30\\nhelp\\nview compare\\nview chart\\nsource\\nqueues\\n')\n"
    "from explorer.cli.entry import main\nassert main(['text']) == 0\n"
)

PARTS: Final = {
    "all of the engine": (EVERYTHING, SCREEN | {"explorer"}),
    "the list of the library": ("from engine.scenario.library import *\nOWN.listings()\n", HEAVY),
    "every lens": (LENSES, TEXTUAL | {"plotext"}),
    "predictions": ("import explorer.session.predictions\n", SCREEN),
    "the table of commands": (
        "import explorer.commands.table, explorer.commands.footer_keys, explorer.session.stepping\n",
        SCREEN,
    ),
    "text mode": (TEXT_MODE, GRAPHS),
    "the web server": ("import explorer.serve.server\n", HEAVY),
}
"""Part -> the code that needs it, and what that must not load."""

GOLDEN: Final = "tests/conformance/golden/hold.jsonl.gz"

COMMANDS: Final = {
    "--version": HEAVY,
    "--help": HEAVY,
    "list": HEAVY,
    "list --json": HEAVY,
    "list --by-topic": HEAVY,
    "course": HEAVY,
    "course busy --json": HEAVY,
    "help": HEAVY,
    "help cells": HEAVY,
    "config": GRAPHS,
    "copy tour -": GRAPHS,
    "verbs": GRAPHS,
    "verbs vm_page_alloc": GRAPHS,
    "run life-of-a-page --steps 3": GRAPHS,
    "run life-of-a-page --break panic": GRAPHS,
    "explore second-chance": GRAPHS,
    "explore lost-wakeup --json": GRAPHS,
    "experiment": HEAVY,
    "experiment --json": HEAVY,
    "replay recorded:true --frames 64 --policy lru,opt": GRAPHS,
    "check life-of-a-page": GRAPHS,
    "boot": GRAPHS,
    "show page life-of-a-page": GRAPHS,
    "show pageq life-of-a-page --at 30": GRAPHS,
    "show sysctl": GRAPHS,
    "map dump --json": GRAPHS,
    "map dump --ascii": GRAPHS,
    "differences": GRAPHS,
    f"conform {GOLDEN}": GRAPHS,
    "why life-of-a-page --at 30 vmstats.v_free_count": GRAPHS,
    "whynot life-of-a-page --at 60 free app.m": GRAPHS,
    "biography life-of-a-page page=0xc03": GRAPHS,
    "grade answers": GRAPHS,
    "questions life-of-a-page": GRAPHS,
    "questions life-of-a-page --format markdown --answers": GRAPHS,
    "questions life-of-a-page --format moodle-xml --no-pictures": GRAPHS,
    "export life-of-a-page --at 30 --format json": GRAPHS,
    "export life-of-a-page --at 30 --format text": TEXTUAL,
    "export life-of-a-page --at 30 --format text --ascii": TEXTUAL,
}
"""A command line whose exit code is 0 -> what it must not load; = in a word is a space of an argument."""


def loaded(code: str, forbidden: frozenset[str], folder: Path = ROOT) -> str:
    """The forbidden packages that some code loads in a fresh process, as it prints them."""
    code = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{code}"
    code += f"print(sorted(set({sorted(forbidden)!r}) & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize("part", only_fast(PARTS, "the list of the library", "text mode"))
def test_a_part_does_not_import_what_it_does_not_need(part: str) -> None:
    assert loaded(*PARTS[part]) == "[]"


@pytest.mark.parametrize("line", only_fast(COMMANDS, *list(COMMANDS)[1::6]))
def test_a_command_does_not_import_what_it_does_not_need(line: str, tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("life-of-a-page\t1\tPQ_NONE\n")
    (tmp_path / "dump").write_text("PQ_FREE: 4 0 3 3\n")
    words = [word.replace("=", " ").replace(GOLDEN, str(ROOT / GOLDEN)) for word in line.split()]
    code = (
        "from explorer.cli.entry import main\n"
        f"try:\n    code = main({words!r})\nexcept SystemExit as leaving:\n    code = leaving.code\n"
        "assert not code, code\n"
    )
    assert loaded(code, COMMANDS[line], tmp_path) == "[]"


def test_each_command_without_a_screen_has_its_case() -> None:
    named = {line.split()[0] for line in COMMANDS} | {"text"}
    assert set(sub_commands()) - named == {"tui", "serve", "handout"}


def test_what_is_imported_is_noticed() -> None:
    assert loaded("import rich\n", SCREEN) == "['rich']"


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["run", "life-of-a-page", "--json"],
        ["run", "life-of-a-page", "--break", "vm_page_activate"],
        ["why", "life-of-a-page", "vmstats.v_free_count"],
        ["help", "scripts"],
    ],
    ids=" ".join,
)
def test_python_without_docstrings_prints_the_same(words: list[str]) -> None:
    def printed(*options: str) -> str:
        command = [sys.executable, *options, "-m", "explorer.cli", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert printed("-OO") == printed()


@pytest.mark.slow
def test_the_functions_are_listed_without_docstrings_too() -> None:
    for words in (["verbs"], ["verbs", "vm_page_alloc"], ["verbs", "--json"]):
        command = [sys.executable, "-OO", "-m", "explorer.cli", *words]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (found.returncode, found.stderr) == (0, "")
        assert "vm_page_alloc(obj, pindex, page_req)" in found.stdout
