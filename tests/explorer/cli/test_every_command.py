"""Every command: the packages that it does not import, and the keys of its JSON in the README."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.explorer.cli.command_output import ROOT, Run, objects

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


def test_the_readme_has_the_keys_of_each_object_in_their_order(run: Run, held: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(why|biography|run`, a step|check)`? \| `(.*?)`", readme, re.MULTILINE))
    why = json.loads(run("why", held, "page[0x40].queue", "--json")[1])
    life = json.loads(run("biography", held, "object heap", "--json")[1])
    step = objects(run("run", held, "--json")[1])[1]
    check = json.loads(run("check", held, "--json")[1])
    shown = {
        "why": [*why, *why["chain"][0]],
        "biography": [*life, *life["changes"][0]],
        "run`, a step": list(step),
        "check": [*check, *check["files"][0]],
    }
    assert rows.keys() == shown.keys()
    for command, keys in shown.items():
        named = iter(re.findall(r"\w+", rows[command]))
        assert all(key in named for key in keys), f"{command}: {keys}"
