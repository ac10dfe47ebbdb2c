"""What no command loads. The keys of their JSON are in tests/explorer/test_reference.py."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.explorer.cli.command_output import ROOT

WITHOUT_NUMPY = [["--version"], ["--help"], ["list"]]
WITHOUT_TEXTUAL = [
    *WITHOUT_NUMPY,
    ["run", "life-of-a-page", "--steps", "3"],
    ["check", "life-of-a-page"],
    ["boot"],
    ["show", "page", "life-of-a-page"],
    ["show", "sysctl"],
    ["differences"],
    ["config"],
    ["why", "life-of-a-page", "vmstats.v_free_count"],
    ["biography", "life-of-a-page", "object heap"],
    ["run", "life-of-a-page", "--break", "panic"],
]


def loaded(words: list[str]) -> set[str]:
    """Return the packages that one command imports in a new process."""
    code = (
        "import sys, atexit\n"
        "atexit.register(lambda: print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr))\n"
        f"from explorer.cli.entry import main\nsys.exit(main({words!r}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", WITHOUT_TEXTUAL, ids=" ".join)
def test_a_headless_command_does_not_import_the_screen(words: list[str]) -> None:
    assert not loaded(words) & {"textual", "rich", "networkx"}


@pytest.mark.parametrize("words", WITHOUT_NUMPY, ids=" ".join)
def test_the_quickest_commands_do_not_import_numpy(words: list[str]) -> None:
    assert "numpy" not in loaded(words)


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
