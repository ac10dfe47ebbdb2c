"""The screen of a guest: what becomes a download, what is refused, and that the disk is not touched."""

from __future__ import annotations

import os
import pwd
import sys
import sysconfig
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from engine.errors import BadInput
from engine.saved.state_string import encode, token_of
from engine.scenario.library import open_course
from engine.scenario.loader import load, load_text
from explorer.commands.completion import complete
from explorer.commands.config import Settings
from explorer.commands.finder import entries
from explorer.commands.table import COMMANDS
from explorer.session.open import open_session
from explorer.tui.app import PageqApp
from explorer.tui.guest import guest_app
from explorer.tui.screens.main import MainScreen
from tests.engine.scenario.course_folder import scenario_text, write_course
from tests.explorer.screen_at_rest import presses

ROOT: Final = Path(__file__).parents[3]


class Browser:
    """What a browser gets from a screen: downloads and state strings."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.kinds: list[str | None] = []
        self.states: list[str] = []


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Let the driver of a screen under test be one of a browser."""
    found = Browser()

    def deliver(
        _: HeadlessDriver, binary: BinaryIO, *, save_path: Path, mime_type: str | None, **__: object
    ) -> None:
        found.files[str(save_path)] = binary.read()
        found.kinds.append(mime_type)

    monkeypatch.setattr(HeadlessDriver, "is_web", True)
    monkeypatch.setattr(HeadlessDriver, "deliver_binary", deliver)
    share = staticmethod(found.states.append)
    monkeypatch.setattr(HeadlessDriver, "share_state", share, raising=False)
    return found


@asynccontextmanager
async def shown(app: PageqApp) -> AsyncIterator[tuple[MainScreen, Pilot[None]]]:
    """Show an application; give its main screen."""
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, MainScreen)
        yield screen, pilot


# --- downloads and state strings --------------------------------------------------------------------------


async def test_exports_are_downloads(browser: Browser) -> None:
    async with shown(guest_app("life-of-a-page")) as (screen, pilot):
        await presses(pilot, "e")
        assert screen.session.note.text == "your browser downloads life-of-a-page-0.svg"
        for name in ("x.txt", "../../y.json", "/etc/z.toml"):
            screen.enter_line(f"export {name}")
    assert list(browser.files) == ["life-of-a-page-0.svg", "x.txt", "y.json", "z.toml"]
    kinds = ["image/svg+xml", "text/plain", "application/json", "application/toml"]
    assert browser.kinds == kinds
    assert browser.files["life-of-a-page-0.svg"].startswith(b"<svg ")
    assert load_text(browser.files["z.toml"].decode()).title == load("life-of-a-page").title


@pytest.mark.slow
async def test_a_png_picture_would_need_another_program(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("explorer.tui.png.to_png")
    async with shown(guest_app("tour")) as (screen, _):
        screen.enter_line("export x.png")
        assert "a PNG picture needs another program, and this server starts none" in screen.session.note.text
    assert browser.files == {}


async def test_a_copied_state_string_goes_to_the_driver(browser: Browser) -> None:
    async with shown(guest_app("tour")) as (screen, pilot):
        await presses(pilot, "s", "y")
        assert screen.session.note.text.startswith(
            "the address of this page opens this moment now: pageq tui"
        )
        assert browser.states == [screen.session.note.lines[0].split()[-1]]
    assert open_session(browser.states[0]).history.step == 1


@pytest.mark.slow
async def test_a_text_is_copied_without_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", "x")
    monkeypatch.setattr("subprocess.run", None)
    async with shown(guest_app("tour")) as (_, pilot):
        text = await presses(pilot, "s", "y")
        assert "sent to your browser's clipboard" in " ".join(text.split()).lower()


@pytest.mark.slow
async def test_without_a_browser_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with shown(guest_app("tour")) as (screen, _):
        screen.enter_line("export x.svg")
        assert screen.session.note.text == "x.svg cannot be sent: no browser is connected"
    assert list(tmp_path.iterdir()) == []


# --- a state string from the address ----------------------------------------------------------------------


def moment(name: str = "life-of-a-page", step: int = 7) -> str:
    scenario = load(name)
    history = scenario.start()
    history.extend(step)
    return encode(token_of(scenario, history))


@pytest.mark.slow
async def test_a_moment_is_opened_also_below_a_box() -> None:
    app = guest_app("tour")
    async with shown(app) as (screen, pilot):
        await presses(pilot, "question_mark")
        assert app.screen is not screen
        app.open_state(moment())
        await pilot.pause()
        assert app.screen is screen
        assert (screen.session.name, screen.session.history.step) == ("life-of-a-page", 7)
        assert screen.session.guest


@pytest.mark.slow
async def test_a_moment_may_come_while_a_box_opens() -> None:
    app = guest_app("tour")
    async with shown(app) as (screen, pilot):
        screen.browse()
        app.open_state(moment())
        await pilot.pause(0.1)
        assert app.screen is screen
        assert screen.session.name == "life-of-a-page"


async def test_a_moment_may_come_before_the_screen() -> None:
    app = guest_app("tour")
    app.open_state(moment())
    async with shown(app) as (screen, pilot):
        await pilot.pause(0.1)
        assert screen.session.name == "life-of-a-page"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'' is not a state string"),
        ("/etc/passwd", "'/etc/passwd' is not a state string"),
        ("pq1-x", "this state string is damaged"),
    ],
)
async def test_a_text_that_is_not_a_moment_changes_nothing(text: str, why: str) -> None:
    app = guest_app("tour")
    async with shown(app) as (screen, pilot):
        app.open_state(text)
        await pilot.pause()
        assert why in screen.session.note.text
        assert screen.session.name == "tour"


@pytest.mark.slow
async def test_the_own_screen_opens_moments_too(session: Any) -> None:
    app = PageqApp(session)
    async with shown(app) as (screen, pilot):
        app.open_state(moment())
        await pilot.pause()
        assert (screen.session.history.step, screen.session.guest) == (7, False)


# --- what is not for guests -------------------------------------------------------------------------------

NOT_FOR_GUESTS: Final = tuple(command for command in COMMANDS.values() if command.guest)


@pytest.mark.slow
async def test_commands_that_are_not_for_guests_are_neither_offered_nor_done() -> None:
    assert [command.id for command in NOT_FOR_GUESTS] == ["save", "map", "edit"]
    app = guest_app("tour")
    async with shown(app) as (screen, pilot):
        palette = {command.title for command in app.get_system_commands(screen)}
        verbs = {verb.strip() for verb in complete(screen.session, "").candidates}
        assert {"open", "export"} <= palette & verbs
        for command in NOT_FOR_GUESTS:
            screen.do(command, "x")
            assert screen.session.note.text == f":{command.word} is not possible here: {command.guest}"
            assert command.word not in palette | verbs
        while app.screen is not screen:
            app.pop_screen()
        help_page = await presses(pilot, "question_mark", "end")
        assert ":save" not in help_page


async def test_textuals_own_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = guest_app("tour")
    async with shown(app) as (screen, _):
        app.action_screenshot("x.svg", str(tmp_path))
        app.save_screenshot("x.svg", str(tmp_path))
        app.deliver_screenshot("x.svg", str(tmp_path))
        app.action_suspend_process()
        assert "is not possible here: this screen runs on a server" in screen.session.note.text
    assert list(tmp_path.iterdir()) == []


def test_a_scenario_of_a_guest_is_one_of_the_library() -> None:
    with pytest.raises(BadInput, match="there is no scenario '/etc/passwd' here"):
        guest_app("/etc/passwd")


# --- nothing of the disk is touched -----------------------------------------------------------------------

CHANGES: Final = (
    "os.", "subprocess.", "pty.", "shutil.", "tempfile.", "ctypes.dlopen", "socket.", "webbrowser.",
)  # fmt: skip
"""How the names of events of the interpreter begin that a guest never causes, except those of LOOKS."""

LOOKS: Final = frozenset(["open", "os.listdir", "os.scandir", "os.chdir", "glob.glob", "pathlib.Path.glob"])
"""Events that a guest causes only for files of the package and of the course."""

OWN_OF_PYTHON: Final = frozenset(["<unknown>", "<string>", *(name for name in sys.path if len(name) > 1)])
"""Names that Python looks for: of a text with a wrong syntax, and of the places of modules."""

WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


class Reach:
    """What a program touches outside some folders, while `watching`."""

    def __init__(self) -> None:
        self.watching = False
        self.folders: tuple[Path, ...] = ()
        self.found: list[str] = []

    def heard(self, event: str, values: tuple[Any, ...]) -> None:
        """The interpreter's audit hook."""
        if not self.watching:
            return
        if event in LOOKS:
            writes = event == "open" and isinstance(values[2], int) and bool(values[2] & WRITES)
            if writes or not self._is_inside(values[0]):
                self.found.append(f"{event} {values[0]!r:.80}")
        elif event.startswith(CHANGES):
            self.found.append(f"{event} {values!r:.80}")

    def _is_inside(self, name: Any) -> bool:
        if isinstance(name, int) or name in OWN_OF_PYTHON:
            return True  # an int is a file that is open
        path = Path(os.path.abspath(os.fsdecode(name if name is not None else ".")))
        return any(path.is_relative_to(folder) for folder in self.folders)

    def _is_above(self, name: Any) -> bool:
        """Whether a folder is on the way to one of the folders: a path is resolved from the root on."""
        return not isinstance(name, int) and any(
            folder.is_relative_to(os.path.abspath(os.fsdecode(name))) for folder in self.folders
        )

    def asked(self, event: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that looks at the disk without an audit event, as one that has it."""

        def call(name: Any, *args: Any, **more: Any) -> Any:
            if self.watching and not self._is_inside(name) and not self._is_above(name):
                self.found.append(f"{event} {name!r:.80}")
            return function(name, *args, **more)

        return call


_REACHES: list[Reach] = []


def _hook(event: str, values: tuple[Any, ...]) -> None:
    for reach in _REACHES:
        reach.heard(event, values)


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reach]:
    """Watch what this process touches outside the package, the course, and Python's own modules."""
    if not _REACHES:
        sys.addaudithook(_hook)  # it stays, and does nothing without a Reach
    reach = Reach()
    _REACHES[:] = [reach]
    for name in ("stat", "lstat", "access", "readlink"):
        monkeypatch.setattr(os, name, reach.asked(f"os.{name}", getattr(os, name)))
    monkeypatch.setattr(pwd, "getpwnam", reach.asked("pwd.getpwnam", pwd.getpwnam))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # a module that is imported now
    yield reach
    _REACHES[:] = [Reach()]


@contextmanager
def watched(reach: Reach, *folders: Path) -> Iterator[None]:
    python = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    python.append(Path(sys.base_prefix, "share", "locale"))  # argparse looks for translations
    reach.folders = (ROOT / "engine", ROOT / "explorer", *folders, *python)
    reach.watching = True
    try:
        yield
    finally:
        reach.watching = False


def hostile(folder: Path) -> tuple[str, ...]:
    """Arguments that name files, folders, devices and hardware, in every way that a command may take one."""
    secret = folder / "secret.toml"
    secret.write_text(scenario_text("secret"), encoding="utf-8")
    return (
        "", str(secret), "secret.toml", "../x.svg", "~/x.json", "~root/x.txt", f"@{secret}", "host",
        "/proc/self/environ", "x.svg", "x.toml!", "x", f"open('{secret}').read()", "1",
        f"numa machine.hwloc={secret}", f"numa machine.counters={secret}", f"policy trace=made:loop,{secret}",
        moment(step=3), stranger(folder),
    )  # fmt: skip


def stranger(folder: Path) -> str:
    """A state string whose text names files, although a setting of the machine hides one of them."""
    text = scenario_text("secret").replace('memory = "4 MiB"\ntopology = "1x1x1"', 'hwloc = "secret.xml"')
    (folder / "secret.xml").write_text("<topology/>")
    own = load_text(scenario_text("secret"), "secret.toml")
    token = token_of(own, own.start())
    return encode(type(token)(**{**vars(token), "text": text, "settings": (_dma(),)}))


def _dma() -> Any:
    from engine.scenario.settings import setting  # noqa: PLC0415

    return setting("machine.dma_reserved", 0)


NOT_TRIED: Final = frozenset({"quit", "console"})
"""What ends the screen, and what waits for a line."""


async def touched(
    app: PageqApp, reach: Reach, commands: Sequence[str], arguments: Sequence[str], *folders: Path
) -> dict[str, list[str]]:
    """Execute commands with each of the arguments; return what each of them has touched."""
    found: dict[str, list[str]] = {}
    async with shown(app) as (screen, pilot):
        screen.show = lambda: None  # type: ignore[method-assign]  # drawing takes most of the time
        with watched(reach, *folders):
            for name in commands:
                command = COMMANDS[name]
                for argument in arguments if command.argument else ("",):
                    screen.do(command, argument)
                    complete(screen.session, f"{command.word} {argument}")
                    if name in LEAVING or app.screen is not screen:
                        await pilot.pause()
                    while app.screen is not screen:
                        app.pop_screen()
                    screen.stop()
                await pilot.pause()
                if reach.found:
                    found[name] = list(reach.found)
                    reach.found.clear()
            list(entries(screen.session))
            if reach.found:
                found["palette"] = reach.found
    return found


LEAVING: Final = ("open", "machine", "rules", "experiment", "edit")
"""Commands that the application carries out, after the screen."""


READING: Final = ("open", "machine", "experiment", "map")
WRITING: Final = ("export", "token", "save")


@pytest.mark.slow
async def test_no_command_of_a_guest_reaches_the_disk(
    browser: Browser, reach: Reach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, work = open_course(write_course(tmp_path / "course")), tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    arguments = hostile(work)
    before = sorted(tmp_path.rglob("*"))
    commands = [name for name in COMMANDS if name not in NOT_TRIED]
    app = guest_app("first", course)
    found = await touched(app, reach, commands, arguments, course.path)
    assert found == {}
    assert sorted(tmp_path.rglob("*")) == before
    assert browser.files


@pytest.mark.slow
async def test_on_the_own_computer_the_same_commands_reach_it(
    reach: Reach, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail."""
    monkeypatch.chdir(tmp_path)
    arguments = hostile(tmp_path)
    app = PageqApp(open_session("life-of-a-page"), Settings())
    few = [argument for argument in arguments if "secret" in argument or argument.endswith((".svg", "x"))]
    found = await touched(app, reach, (*READING, *WRITING), few[:9])
    assert set(found) == {*READING, *WRITING}
