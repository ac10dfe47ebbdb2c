"""The pictures of the documentation, made from scenarios: python -m explorer.tui.screenshots

Each picture is made from a scenario, a size and a list of commands. The result is always the same, so a
changed picture means a changed screen. BROWSER alone is made by a real browser, where there is one.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from engine.scenario.library import OWN
from engine.scenario.loader import load
from engine.scenario.outline import read_outline
from explorer.commands.table import parse
from explorer.session.progress import OWN_COURSE, FirstAnswer, Progress, Work, record
from explorer.session.progress_file import add
from explorer.session.progress_log import ProgressLog
from explorer.session.whole_file import replace_file
from explorer.tui.app import make_app
from explorer.tui.export import export_svg
from explorer.tui.screens.main import MainScreen

FOLDER: Final = Path(__file__).parents[2] / "screenshots"

BROWSER: Final = "in-a-browser.png"
"""The picture of `explorer.serve.screenshot`, a layer above this one: a process of its own makes it."""


@dataclass(frozen=True)
class Picture:
    """The input of a picture.

    lines: typed into the console one after another. done: the scenarios of the course that are done before.
    """

    name: str
    scenario: str
    size: tuple[int, int]
    lines: tuple[str, ...]
    machine: str | None = None
    done: tuple[str, ...] = ()


SIZES: Final = ((40, 15), (80, 24), (120, 40), (200, 60))
"""The sizes that each of the main pictures has: columns and lines."""


def _at_sizes(name: str, scenario: str, *lines: str) -> tuple[Picture, ...]:
    return tuple(Picture(f"{name}-{w}x{h}", scenario, (w, h), lines) for w, h in SIZES)


PICTURES: Final = (
    *_at_sizes("an-allocation", "life-of-a-page", "10"),
    *_at_sizes("a-page-has-moved", "life-of-a-page", "41"),
    *_at_sizes("two-sockets", "colour-and-home", "goto end"),
    *_at_sizes("hundreds-of-pages", "swap-full", "13000"),
    *_at_sizes("half-booted", "boot", "120"),
    *_at_sizes("a-lesson", "life-of-a-page", "lesson 3"),
    *_at_sizes("a-question", "life-of-a-page", "learn on", "question where-freed"),
    Picture("an-answer", "life-of-a-page", (120, 40), ("learn on", "question where-freed", "answer 1")),
    Picture(
        "the-end-of-a-lesson",
        "second-chance",
        (120, 40),
        ("learn on", "question 1", "answer 1", "goto end", "lesson next"),
    ),
    Picture("first-screen", "life-of-a-page", (120, 40), ()),
    Picture("asleep-on-a-busy-page", "life-of-a-page", (80, 24), ("32",)),
    Picture("one-colour-a-cell", "life-of-a-page", (200, 60), ("over", "over", "centre map"), "64MiB:2x4x2"),
    Picture("a-wide-search", "empty-colour", (120, 30), ("304", "centre map")),
    Picture("soft-and-hard-busy", "hard-and-soft-busy", (120, 40), ("24",)),
    Picture("the-outline-of-a-function", "life-of-a-page", (120, 40), ("20", "frame", "outline")),
    Picture(
        "why-it-was-not-freed",
        "held-while-freed",
        (120, 40),
        ("until queue_of(setup.held) == PQ_HOLD", "view why"),
    ),
    Picture("whether-it-can-be-freed", "wired-but-still-queued", (120, 40), ("30", "whynot")),
    Picture("a-page-from-the-other-node", "home-is-used-up", (120, 40), ("goto end", "view machine")),
    Picture("what-the-sleeper-waits-for", "life-of-a-page", (120, 40), ("32", "view waits")),
    Picture("free-at-its-lowest", "swap-full", (120, 40), ("goto end", "goto min free", "chart free ACTIVE")),
    Picture("all-wired-pages", "wired-but-still-queued", (120, 40), ("30", "pages wired")),
    Picture(
        "what-the-daemon-did-to-a-dirty-page",
        "clean-is-cheap",
        (120, 40),
        ("goto end", "page 0x5f", "view life"),
    ),
    Picture("as-show-pageq", "debugger-view", (120, 40), ("goto end", "view ddb")),
    Picture(
        "two-futures-of-a-page",
        "life-of-a-page",
        (120, 40),
        ("24", "call vm_page_free(app.m)", "24", "call vm_page_activate(app.m)", "compare 1:end"),
    ),
    Picture("who-stepped-when", "two-cpus-two-truths", (200, 60), ("goto end",)),
    Picture("pages-under-the-map", "second-chance", (160, 50), ("76", "centre map")),
    Picture(
        "memory-runs-out", "swap-full", (120, 40), ("until process[big].p_flags & P_LOWMEMKILL", "view stats")
    ),
    Picture("a-lost-wakeup", "lost-wakeup", (120, 40), ("goto end", "view waits")),
    Picture("every-schedule", "trylock-skips", (120, 40), ("explore", "explore open panic", "zoom")),
    Picture("an-experiment", "tour", (120, 40), ("experiment contention", "zoom")),
    Picture("a-prediction", "hard-and-soft-busy", (120, 40), ("20", "predict")),
    Picture(
        "the-course",
        "page-queues",
        (120, 40),
        ("lesson next", "open"),
        done=("tour", "life-of-a-page", "why-manage-pages"),
    ),
    Picture("help", "life-of-a-page", (100, 50), ("over", "help")),
)


async def take(picture: Picture) -> str:
    """Make the SVG of a picture.

    Errors: AssertionError if one of its lines is refused.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "progress.json"
        for name in picture.done:
            add(path, _finished(name))
        return await _take(picture, ProgressLog(path, clock=lambda: 0.0))


def _finished(name: str) -> Progress:
    """Return the record of a scenario whose lesson was read and whose questions were answered right."""
    outline = read_outline(OWN.find(name))
    answers = tuple(FirstAnswer(question, "", True, None, 0) for question in outline.questions)
    return record(OWN_COURSE, name, Work(frozenset(range(1, outline.pages + 1)), True, answers))


async def _take(picture: Picture, log: ProgressLog) -> str:
    scenario = load(picture.scenario, machine=picture.machine)
    app = make_app(scenario, scenario.start(), log=log)
    app.animation_level = "none"  # a moving page would be at a random position
    async with app.run_test(size=picture.size) as pilot:
        screen = app.screen
        assert isinstance(screen, MainScreen)
        for line in picture.lines:
            screen.do(*parse(line))
            while screen.session.search is not None or screen.session.experiments.sweep is not None:
                await pilot.pause(0.01)
            await pilot.pause()
            assert screen.session.note.kind != "error", f"{picture.name}: {screen.session.note.text}"
        await pilot.pause()
        return export_svg(app)


def main() -> None:
    """Rewrite every picture, and delete those that are no longer made."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.svg"):
        if old.stem not in {picture.name for picture in PICTURES}:
            old.unlink()
    for picture in PICTURES:
        path = FOLDER / f"{picture.name}.svg"
        replace_file(path, asyncio.run(take(picture)).encode("utf-8"))
        print(path.relative_to(FOLDER.parent))
    subprocess.run([sys.executable, "-m", "explorer.serve.screenshot", str(FOLDER / BROWSER)], check=True)


if __name__ == "__main__":
    main()
