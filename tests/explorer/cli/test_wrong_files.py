"""Every reader of files says what a file of another kind is, and the command that it names takes the file."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from engine.errors import BadInput
from engine.inputs.file_kinds import kind_of
from engine.inputs.file_roles import (
    ANSWERS,
    CONFIG,
    COURSE,
    COURSE_FOLDER,
    DUMP,
    EXPERIMENT,
    EXPLAINED,
    HWLOC,
    KERNEL_TRACE,
    PROGRESS,
    REFERENCES,
    SCENARIO,
    SCHEDULE,
    SESSION,
    STATE,
)
from engine.saved.state_string import encode, token_of
from engine.scenario.loader import load
from explorer.cli.entry import build_parser
from explorer.cli.tui import choose
from explorer.commands.config import config_path
from explorer.session.open import open_session
from explorer.session.progress_file import progress_path
from explorer.session.saved_file import save, session_path
from explorer.session.saved_state import state_of
from explorer.text.mode import TextDesk
from tests.engine.inputs.files_of_every_kind import FILES
from tests.engine.scenario.course_folder import write_course
from tests.explorer.cli.command_output import Run
from tests.explorer.cli.small_scenarios import HELD
from tests.explorer.tiny_experiment import write_tiny
from tests.tiers import only_fast

SCENARIO_WITH: Final = HELD.replace('memory = "4 MiB"\ntopology = "1x2x1"', 'hwloc = "FILE"')
COUNTERS: Final = HELD.replace('memory = "4 MiB"', 'counters = "FILE"')
TRACED: Final = HELD.partition("[[object]]")[0] + '[[thread]]\nname = "t"\ntrace = "FILE"\nprocess = "p"\n'
PROCESS: Final = (
    '[[object]]\nname = "o"\nsize = 99\n[[process]]\nname = "p"\n'
    'maps = [{ object = "o", start = 0, pages = 99 }]\n'
)
OF_EXPERIMENT: Final = """format = 1
title = "x"
claim = "y"
scenario = "FILE"
[measure]
steps = "run.steps"
"""

Reader = Callable[[Run, Path, Path], str]
"""Reads a file with a command, in a folder of its own; returns what the command says of it."""


def command(*words: str) -> Reader:
    """A reader that is a command; FILE in a word becomes the path."""

    def read(run: Run, path: Path, _: Path) -> str:
        code, out, err = run(*(word.replace("FILE", str(path)) for word in words))
        assert (code, SUMMARY.sub("", out)) == (2, "")
        return err

    return read


SUMMARY: Final = re.compile(r"1 files, [01] segments, 0 operations, 0 comparisons, .*\n")
"""What `pageq conform` prints after an error."""


def named_in(text: str, *words: str) -> Reader:
    """A reader of a file that names the file; OWN in a word becomes its path."""

    def read(run: Run, path: Path, folder: Path) -> str:
        place = folder / "own.toml"
        place.write_text(text.replace("FILE", str(path)))
        code, out, err = run(*(word.replace("OWN", str(place)) for word in words))
        assert (code, out) == (2, "")
        return err

    return read


def put_at(place: Callable[[], Path], *words: str, code: int = 2) -> Reader:
    """A reader of a file at a place of its own."""

    def read(run: Run, path: Path, __: Path) -> str:
        place().parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place())
        found, _, err = run(*words)
        assert found == code
        return err

    return read


def by_screen(*words: str) -> Reader:
    """What the screen's command line reads before it opens."""

    def read(_: Run, path: Path, __: Path) -> str:
        arguments = build_parser("tui").parse_args([word.replace("FILE", str(path)) for word in words])
        with pytest.raises(BadInput) as caught:
            choose(arguments)
        return f"{caught.value}\n"

    return read


def by_console(_: Run, path: Path, __: Path) -> str:
    """What `:open` says."""
    (line,) = TextDesk(open_session("life-of-a-page")).do_line(f"open {path}")
    return f"{line.removeprefix('Error: ')}\n"


def in_course(run: Run, path: Path, folder: Path) -> str:
    """A course file in its folder."""
    write_course(folder / "course")
    return put_at(lambda: folder / "course" / "course.toml", "list", "--course", str(folder / "course"))(
        run, path, folder
    )


def saved_here() -> Path:
    """The file of a saved session."""
    return session_path("mine")


READERS: Final[dict[str, tuple[str, Reader]]] = {
    "run": (SCENARIO, command("run", "FILE")),
    "check": (SCENARIO, command("check", "FILE")),
    "copy": (SCENARIO, command("copy", "FILE", "FILE.copy")),
    "handout": (SCENARIO, command("handout", "FILE", "-o", "FILE.html")),
    "questions": (SCENARIO, command("questions", "FILE")),
    "tui": (SCENARIO, by_screen("tui", "FILE")),
    ":open": (SCENARIO, by_console),
    "an experiment's scenario": (SCENARIO, named_in(OF_EXPERIMENT, "experiment", "OWN")),
    "experiment": (EXPERIMENT, command("experiment", "FILE")),
    "--course FILE": (COURSE_FOLDER, command("list", "--course", "FILE")),
    "course.toml": (COURSE, in_course),
    "run --open": (STATE, command("run", "--open", "FILE")),
    "tui --open": (STATE, by_screen("tui", "--open", "FILE")),
    "--session": (SESSION, put_at(saved_here, "tui", "--session", "mine")),
    "--schedule": (SCHEDULE, command("run", "life-of-a-page", "--schedule", "@FILE")),
    "boot --machine": (HWLOC, command("boot", "--machine", "FILE")),
    "run --machine": (HWLOC, command("run", "life-of-a-page", "--machine", "FILE")),
    "machine.hwloc": (HWLOC, named_in(SCENARIO_WITH, "run", "OWN")),
    "machine.counters": (DUMP, named_in(COUNTERS, "run", "OWN")),
    "--set machine.counters": (DUMP, command("run", "life-of-a-page", "--set", "machine.counters=FILE")),
    "map": (DUMP, command("map", "FILE", "--text")),
    "conform": (KERNEL_TRACE, command("conform", "FILE")),
    "replay": (REFERENCES, command("replay", "FILE", "--frames", "8")),
    "replay --format": (REFERENCES, command("replay", "FILE", "--frames", "8", "--format", "lackey")),
    "run --trace": (REFERENCES, command("run", "--trace", "FILE", "--frames", "8")),
    "a key trace": (REFERENCES, named_in(TRACED + PROCESS, "run", "OWN")),
    "grade": (ANSWERS, command("grade", "FILE")),
    "config": (CONFIG, put_at(config_path, "config", "--check")),
    "progress": (PROGRESS, put_at(progress_path, "course", "--answers")),
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the commands read and write in the test's own folder."""
    for name in ("CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setattr("explorer.cli.tui.check_terminal", lambda *_, **__: None)


def said(reader: str, name: str, run: Run, folder: Path) -> str:
    """What a reader says of a file of FILES."""
    path = folder / name
    path.write_bytes(FILES[name][1])
    return READERS[reader][1](run, path, folder)


def check(reader: str, name: str, run: Run, folder: Path) -> None:
    """Check that a reader names the kind of a file of another one."""
    role, kind = READERS[reader][0], kind_of(FILES[name][1])
    assert kind is not None
    err = said(reader, name, run, folder)
    if kind.vague and role in EXPLAINED:
        assert ":1: this is a" not in err
        return
    wrong = "" if kind.role == role else f", not {role}"
    (line,) = err.splitlines()
    assert f":1: this is {kind.name}{wrong}; " in line
    words = line.replace(str(folder), "").replace(kind.name, "")
    assert "TOML" not in words
    assert "JSON" not in words or role == KERNEL_TRACE


TAKEN: Final = {
    "--schedule": ("empty",),
    "config": ("empty",),
    "copy": ("empty", "sysctl.txt", "course.toml", "experiment.toml", "config.toml", "default-config.toml"),
}
"""What a reader takes though it is of another kind: an empty file says nothing, and any TOML is copied."""


def is_other(reader: str, name: str) -> bool:
    kind = kind_of(FILES[name][1])
    if name in TAKEN.get(reader, ()):
        return False
    return kind is not None and (kind.role != READERS[reader][0] or kind.encoded)


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_names_a_file_of_another_kind(reader: str, run: Run, tmp_path: Path) -> None:
    check(reader, "scenario.toml" if READERS[reader][0] == REFERENCES else "lackey.txt", run, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_a_reader_names_every_other_kind(reader: str, run: Run, tmp_path: Path) -> None:
    for name in filter(lambda name: is_other(reader, name), FILES):
        (tmp_path / name).mkdir()
        check(reader, name, run, tmp_path / name)


# --- the advice -------------------------------------------------------------------------------------------


def written(name: str, folder: Path) -> Path:
    """Write a file of FILES where a user has it, with what it refers to; return its path."""
    path = folder / name
    if name == "course.toml":
        return write_course(folder / "course") / name
    if name == "experiment.toml":
        return Path(write_tiny(folder))
    if name == "session.json":
        path = saved_here()
        save(state_of(open_session("life-of-a-page")), path)
    elif name == "moment.pq":
        scenario = load("life-of-a-page")
        path.write_text(encode(token_of(scenario, scenario.start())))
    else:
        path.write_bytes(FILES[name][1])
    return path


def advised(path: Path, run: Run) -> list[str]:
    """The command that a message names, without `pageq`."""
    reader = ("grade",) if path.suffix == ".toml" else ("experiment",)
    _, _, err = run(*reader, str(path))
    return shlex.split(err.partition("; use pageq ")[2])


ADVISED: Final = [
    name for name in FILES if (kind := kind_of(FILES[name][1])) is not None and kind.advice[:9] == "use pageq"
]


@pytest.mark.parametrize("name", only_fast(ADVISED, "lackey.txt", "course.toml", "session.json", "table.csv"))
def test_the_command_that_is_named_takes_the_file(name: str, run: Run, tmp_path: Path) -> None:
    words = advised(written(name, tmp_path), run)
    if words[0] == "tui":
        assert choose(build_parser("tui").parse_args(words))[0][0].name == "life-of-a-page"
        return
    held = tmp_path / "held.toml"
    held.write_text(HELD)
    if "course" in words[:1] and "--course" not in words:
        words = ["course"]
    code, out, err = run(*(str(held) if word == "SCENARIO" else word for word in words))
    assert code in (0, 1), err
    assert out
    assert "this is" not in err


def test_a_config_file_is_put_where_pageq_says(run: Run, tmp_path: Path) -> None:
    path = written("config.toml", tmp_path)
    assert run("run", str(path))[2].endswith("; put it where pageq config says\n")
    place = Path(run("config")[1].strip())
    place.parent.mkdir(parents=True)
    shutil.copyfile(path, place)
    assert run("config", "--check") == (0, f"{place}: ok\n", "")
