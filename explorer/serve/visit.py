"""A visitor's process: the screen of a guest over stdin and stdout, which the server has.

`python -m explorer.serve.visit` is one visit; with `--forks` it starts one whenever the server asks for it
(`explorer.serve.fork_server`). A message about wrong input goes to stderr, with exit code 2.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput, CapacityError
from engine.scenario.library import OWN, Library, open_course
from explorer import DEFAULT_SCENARIO
from explorer.serve.confinement import confine
from explorer.serve.fork_server import serve_forks

if TYPE_CHECKING:
    from explorer.tui.guest import GuestApp

BAD: Final = 2

SIZE: Final = (120, 40)
"""The screen on which the process warms up."""

WARMING: Final = ("escape", *"ssssssssssss", "S", "right", "enter", "escape", "question_mark", "escape")
"""Keys for what every visit imports and computes: steps, a tile, help."""


@dataclass(frozen=True)
class WithFile(Library):
    """A library, and the scenario of a file that is not in its folder, by the name of the file.

    file: its path.
    """

    file: Path = Path()

    def _files(self) -> dict[str, Path]:
        return {**super()._files(), self.file.stem: self.file}


def main() -> int:
    """Run one visit, or start visits as forks until the server is gone; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scenario", default=DEFAULT_SCENARIO)
    parser.add_argument("--course")
    parser.add_argument("--forks", action="store_true")
    arguments = parser.parse_args()
    try:
        library, name = _chosen(arguments.course, arguments.scenario)
        if arguments.forks:
            _warm(_app(name, library))
        # Made before the forks, which share what they do not change.
        app = _app(name, library)
    except (BadInput, CapacityError, OSError) as error:
        print(error, file=sys.stderr)
        return BAD

    def visit(columns: int, lines: int) -> None:
        os.environ["COLUMNS"], os.environ["ROWS"] = str(columns), str(lines)
        confine()
        app.run()
        os._exit(app.return_code or 0)

    if arguments.forks:
        gc.collect()
        # A collection in a fork would copy what it looks at.
        gc.freeze()
        serve_forks(visit)
    else:
        visit(int(os.environ.get("COLUMNS", SIZE[0])), int(os.environ.get("ROWS", SIZE[1])))
    return 0


def _chosen(course: str | None, scenario: str) -> tuple[Library, str]:
    """Return the library of the visits, and the name of the scenario that they open.

    scenario: a name of the library, or the path of a file, which visitors then open by its name.
    Errors: BadInput.
    """
    library = OWN if course is None else open_course(course)
    path = Path(scenario)
    if scenario in library.files() or not path.is_file():
        return library, scenario
    return WithFile(library.path, library.course_file, library.below, path), path.stem


def _app(scenario: str, library: Library) -> GuestApp:
    """Errors: BadInput for a wrong scenario, or one that is too large for a guest; CapacityError."""
    from explorer.serve.driver import VisitDriver  # noqa: PLC0415 - after the arguments are read
    from explorer.tui.guest import guest_app  # noqa: PLC0415

    return guest_app(scenario, library, VisitDriver)


def _warm(app: GuestApp) -> None:
    """Let an application run without a terminal, so that forks have what it imports and computes once."""

    async def run() -> None:
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press(*WARMING)

    asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
