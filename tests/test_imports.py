"""What is imported when: no screen without a screen, and no NumPy for a list or a help text.

Each case is a fresh process that does one thing and then names the packages it must not have loaded.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]

SCREEN: Final = ("textual", "rich")

HEAVY: Final = (*SCREEN, "numpy", "networkx", "engine.machine.machine")

RUN: Final = "from explorer.cli.entry import main\ntry:\n    main({!r})\nexcept SystemExit:\n    pass\n"

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
    "import io\nsys.stdin = io.StringIO('step 30\\nhelp\\nview compare\\nsource\\nqueues\\n')\n"
    "from explorer.cli.entry import main\nassert main(['text']) == 0\n"
)

EXPORT: Final = "export life-of-a-page --at 30 --format json"

CASES: Final = [
    pytest.param(EVERYTHING, (*SCREEN, "explorer"), id="all of the engine"),
    pytest.param(LENSES, ("textual",), id="every lens"),
    pytest.param("import explorer.session.predictions\n", SCREEN, id="predictions"),
    pytest.param("import explorer.commands.table, explorer.commands.footer_keys\n", SCREEN, id="commands"),
    pytest.param(TEXT_MODE, (*SCREEN, "networkx"), id="text mode"),
    *(
        pytest.param(RUN.format(line.split()), forbidden, id=f"pageq {line}")
        for line, forbidden in (
            ("list", HEAVY),
            ("list --json", HEAVY),
            ("--version", HEAVY),
            ("--help", HEAVY),
            ("run life-of-a-page --steps 5", (*SCREEN, "networkx")),
            ("show pageq life-of-a-page --at 30", (*SCREEN, "networkx")),
            ("why life-of-a-page --at 30 vmstats.v_free_count", (*SCREEN, "networkx")),
            ("check", (*SCREEN, "networkx")),
            ("boot --machine tiny", (*SCREEN, "networkx")),
            ("differences --machine tiny", (*SCREEN, "networkx")),
            (EXPORT, (*SCREEN, "networkx")),
        )
    ),
]


@pytest.mark.parametrize(("code", "forbidden"), CASES)
def test_what_is_not_needed_is_not_imported(code: str, forbidden: tuple[str, ...]) -> None:
    code = f"import sys\n{code}print(sorted({set(forbidden)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_is_imported_is_noticed() -> None:
    code = "import sys\nimport rich\nprint(sorted({'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "['rich']"
