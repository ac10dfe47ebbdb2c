"""The kinds of hostile input: how one is made from a seed, and how the program gets it.

An input is good if the program accepts it or refuses it with BadInput. Anything else - another exception, a
traceback, an exit code that is not one of the program's - is a failure.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import zlib
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from engine.errors import BadInput, CapacityError
from engine.inputs.hwloc import parse_hwloc
from engine.inputs.machine_name import read_machine
from engine.language.naming import name_of, parse_cell
from engine.run.history import History
from engine.saved.state_string import PREFIX, decode, encode, token_of
from engine.scenario.course import COURSE_FILE
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.settings import parse_setting
from explorer.cli.entry import main
from explorer.commands.config import default_text, read_settings
from explorer.session import saved_file
from explorer.session.answer_file import write_answers
from explorer.session.command_line import open_place
from explorer.session.course_progress import CourseProgress
from explorer.session.progress import OWN_COURSE, CourseKey, FirstAnswer, Progress, Work, record
from explorer.session.progress_file import add, encoded, read_progress
from explorer.session.saved_state import restore, state_of
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from tests.fuzz.mutations import flipped, mutated

ROOT: Final = Path(__file__).resolve().parents[2]

STEPS: Final = 1_500
"""Steps of a run of a hostile scenario: the limit of its file is the file's to choose."""

HEAD: Final = (
    'format = 1\ntitle = "t"\n[machine]\nmemory = "2 MiB"\nswap = 64\n[[object]]\nname = "heap"\n'
    '[[process]]\nname = "proc"\npid = 5\nmaps = [{object = "heap", start = 0, pages = 4}]\n'
    '[[thread]]\nname = "app"\nprocess = "proc"\n'
)


@dataclass(frozen=True)
class Kind:
    """A kind of input: `make` draws one, `feed` gives it to the program in an empty folder."""

    name: str
    make: Callable[[random.Random], bytes]
    feed: Callable[[bytes, Path], None]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _quietly(act: Callable[[], object]) -> None:
    """Do it; a refusal is an answer."""
    try:
        act()
    except (BadInput, CapacityError):
        return


# --- scenarios and scripts --------------------------------------------------------------------------------


@cache
def _library() -> list[str]:
    return [path.read_text("utf-8") for path in sorted(OWN.path.glob("*.toml"))]


def _run(scenario: Scenario) -> None:
    history = scenario.start()
    scenario.run(history, STEPS)
    if history.outcome is not None:  # else, the checks would take the run to its own limit of steps
        scenario.check_expectations(history)


def _scenario(content: bytes, folder: Path) -> None:
    path = folder / "a.toml"
    path.write_bytes(content)
    _quietly(lambda: _run(load(str(path))))


@cache
def _scripts() -> list[str]:
    return [
        thread.script.text
        for name in sorted(OWN.path.glob("*.toml"))
        for thread in load(name.stem).form.threads
    ]


def _script(content: bytes, folder: Path) -> None:
    text = _text(content)
    quoted = "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    _quietly(lambda: _run(load_text(f'{HEAD}script = "{quoted}"\n')))


# --- the small languages ----------------------------------------------------------------------------------


@cache
def _life() -> tuple[Scenario, History]:
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    return scenario, history


EXPRESSIONS: Final = [
    "queue_of(app.m) == PQ_ACTIVE and not holds(app, heap)",
    "count(FREE) + vmstats.v_cache_count * 2 > 0x40 // (1 + app.m.act_count)",
    "page[0x401].busy_count & PBUSY_LOCKED or object[heap].page[0] == NULL",
    "queue[FREE, 5].lcnt << 3 | cpu[1].view.v_free_count ^ ~hash[3].ticks",
    "node_of(page[0x401]) <= base_of(app.again) != PHYS_TO_VM_PAGE(0x401000)",
]


def _expression(content: bytes, folder: Path) -> None:
    scenario, history = _life()
    _quietly(lambda: scenario.expression(_text(content)).show(history.vm))


CELLS: Final = [
    *("page[0x401].queue", "queue[FREE,5].lcnt", "vmstats.v_free_count", "cpu[1].view.v_free_count"),
    *("object[heap].page[0]", "thread[app].var.m", "hash[3].m", "global.ticks", "object[heap].generation"),
]


def _cell(content: bytes, folder: Path) -> None:
    scenario, history = _life()

    def named() -> None:
        address = parse_cell(history.vm, _text(content), scenario.names)
        if isinstance(address, int):
            assert name_of(history.vm, address, scenario.names)

    _quietly(named)


SCHEDULES: Final = [
    "app:3,pager:line,app:op,tick:2,pager:block",
    "random:7",
    "rr",
    "io:1,timeout:app,preempt:0",
    "app:end",
]


TWO: Final = f"""{HEAD}script = "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)\\nvm_page_wakeup(m)"
[[thread]]
name = "pager"
cpu = 0
script = "vm_wait(0)\\nm = vm_page_lookup_busy_wait(heap, 0, 1)\\nvm_page_free(m)"
"""


def _schedule(content: bytes, folder: Path) -> None:
    text = _text(content)
    if not text.startswith("@"):
        _quietly(lambda: _run(load_text(TWO, schedule=text)))


MACHINES: Final = ["64MiB:2x4x2", "16MiB:1x1x1", "tiny", "two-socket", "1536KiB:1x2x1"]


def _machine(content: bytes, folder: Path) -> None:
    _quietly(lambda: read_machine(_text(content)))


SETTINGS: Final = [
    "machine.colors=16",
    "rules=source",
    "machine.thresholds.v_free_min=80",
    "limits.steps=500",
]


def _set(content: bytes, folder: Path) -> None:
    _quietly(lambda: _run(load("life-of-a-page", settings=(parse_setting(_text(content)),))))


# --- files ------------------------------------------------------------------------------------------------


@cache
def _xml() -> list[str]:
    folder = ROOT / "tests" / "engine" / "inputs" / "machines"
    return [path.read_text("utf-8", "replace") for path in sorted(folder.glob("*.xml"))]


def _hwloc(content: bytes, folder: Path) -> None:
    _quietly(lambda: parse_hwloc(content, "fuzz", "fuzz.xml"))


@cache
def _traces() -> list[str]:
    golden = ROOT / "tests" / "conformance" / "golden"
    heads = []
    for name in ("busy", "hold", "wire", "commit", "fict", "pageout_scan_cache", "boot_2socket"):
        with gzip.open(golden / f"{name}.jsonl.gz", "rt", encoding="ascii") as lines:
            heads.append("".join(line for _, line in zip(range(25), lines, strict=False)))
    return heads


def _conform(content: bytes, folder: Path) -> None:
    path = folder / "trace.jsonl"
    path.write_bytes(content)
    _command(["conform", str(path)], folder)


@cache
def _state_entries() -> list[str]:
    scenario, history = _life()
    history.fork(name="other")
    word = encode(token_of(scenario, history, every_branch=True))
    history.switch(0)
    packed = word[len(PREFIX) :]
    return [zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))).decode()]


def _packed(chance: random.Random) -> bytes:
    entries = mutated(chance, _state_entries()).encode("utf-8", "surrogatepass")
    word = PREFIX + base64.urlsafe_b64encode(zlib.compress(entries)).decode().rstrip("=")
    return flipped(chance, word.encode())


def _state(content: bytes, folder: Path) -> None:
    _quietly(lambda: open_place(decode(_text(content))))


@cache
def _sessions() -> list[str]:
    scenario = load("life-of-a-page")
    session = Session(scenario.start(), scenario)
    desk = TextDesk(session)
    for line in ("step 40", "mark a", "break vm_page_free_toq", "watch global.ticks", "page 0x401", "fork b"):
        desk.do_line(line)
    state = state_of(session)
    entries = {name: getattr(state, name) for name in state.__dataclass_fields__}
    return [json.dumps({"format": saved_file.FORMAT, **entries}, indent=1)]


def _session(content: bytes, folder: Path) -> None:
    path = folder / "a.json"
    path.write_bytes(content)

    def opened() -> None:
        state = saved_file.load(path)
        scenario, history, names = open_place(decode(state.token))
        restore(Session(history, scenario, names), state)

    _quietly(opened)


@cache
def _configs() -> list[str]:
    return [
        default_text(),
        default_text().replace("# ", ""),
        'theme = "dark"\nascii = true\n[keys]\nstep = "f2"\n',
    ]


def _config(content: bytes, folder: Path) -> None:
    settings = read_settings(_text(content), "config.toml")
    assert all(problem.message for problem in settings.problems)


ANSWERS: Final = [
    "life-of-a-page\t1\tPQ_NONE\nlife-of-a-page\t2\t0\n\nhold-while-free\t1\tyes\n",
    "# name: Bo\n# seed: 7\nwho-may-use-the-reserve\t1\tb)\nAnn\ttour\t1\tACTIVE[0]\n# name:\ntour\t2\t8\n",
]


def _grade(content: bytes, folder: Path) -> None:
    path = folder / "answers.txt"
    path.write_bytes(content)
    _command(["grade", str(path)], folder)


@cache
def _courses() -> list[str]:
    own = (OWN.course_file).read_text("utf-8")
    small = (
        '[[unit]]\nname = "a"\ntitle = "A"\ngoal = "Do it."\nminutes = 45\nscenarios = ["tour", "first"]\n'
    )
    return [
        own,
        f'format = 1\ntitle = "Mine"\n{small}',
        f'format = 1\ntitle = "Mine"\n{small}needs = ["a"]\n',
    ]


def _course(content: bytes, folder: Path) -> None:
    (folder / COURSE_FILE).write_bytes(content)
    (folder / "first.toml").write_text(TWO, encoding="utf-8")
    for words in (["course"], ["course", "--json"], ["list"], ["run", "first", "--steps", "3"]):
        _command([*words, "--course", str(folder)], folder)


@cache
def _progress_files() -> list[str]:
    answers = tuple(FirstAnswer(name, "yes", True, seed, 9) for name in ("a", "b") for seed in (None, 7))
    works = {name: Work(frozenset({1, 3}), True, answers) for name in ("tour", "life-of-a-page")}
    kept = Progress({OWN_COURSE: works, CourseKey("/a/course", "Mine"): works})
    return [encoded(kept, Path("progress.json")).decode()]


def _progress(content: bytes, folder: Path) -> None:
    path = folder / "progress.json"
    path.write_bytes(content)

    def shown() -> None:
        kept = CourseProgress(OWN, read_progress(path))
        assert kept.next is None or kept.next_name
        assert all(isinstance(mark, str) for mark in kept.marks.values())
        assert write_answers(kept.answers("Bo"))

    _quietly(shown)
    add(path, record(OWN_COURSE, "tour", Work(frozenset({2}), True)))
    # What was done is kept, whatever the file had; that stays in the file or is renamed.
    assert 2 in read_progress(path).of(OWN_COURSE)["tour"].pages


PARAMETERS: Final = [
    f"""{HEAD.replace('"2 MiB"', '"{size} MiB"')}script = \"\"\"
m = vm_page_alloc(heap, pages - 1, VM_ALLOC_NORMAL)
if pages > 4:
    x = pages * size
vm_page_wakeup(m)
\"\"\"
[parameters]
size = [2, 4]
pages = [4, 6, 12]
[[question]]
before = "app:2"
ask = "With {{pages}} pages, how many?"
choices = ["{{pages}}", "pages + 1", "0"]
answer = "pages"
value = "pages"
why = "Since {{size}} is {{pages}} {{0}} {{}}."
""",
]


def _parameters(content: bytes, folder: Path) -> None:
    path = folder / "a.toml"
    path.write_bytes(content)
    _command(["check", "a.toml"], folder)
    for seed in (0, 7):
        _command(["questions", "a.toml", "--answers", "--seed", str(seed), "--format", "markdown"], folder)
        _quietly(lambda seed=seed: _run(load(str(path), seed=seed)))  # type: ignore[misc]


# --- commands ---------------------------------------------------------------------------------------------

COMMANDS: Final = [
    "run life-of-a-page --steps 30 --json",
    "run life-of-a-page --until count(FREE)>10 --break vm_page_alloc --watch global.ticks --locks",
    "why life-of-a-page --at 30 page[0xc03].queue --depth 3 --json",
    "biography life-of-a-page object heap",
    "show pageq life-of-a-page --at app:3 --hold",
    "show sysctl vm.stats --machine tiny",
    "boot --machine 16MiB:1x2x1 --colors 16 --rules source --json",
    "differences --machine tiny --rules document+find2_full=off",
    "check life-of-a-page.toml",
    "export life-of-a-page --at 12 --format json",
    "list --json",
    "config",
    "help cells",
]


def _command(words: list[str], folder: Path) -> None:
    """Run pageq; its exit code is one of the program's, and it prints no traceback."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code: object = main(words)
        except SystemExit as leaving:
            code = leaving.code
    assert code in (0, 1, 2, None), (words, code)
    assert "Traceback" not in err.getvalue(), words


def _command_line(content: bytes, folder: Path) -> None:
    words = _text(content).split(" ")
    if words[0] in {"tui", "text"} or any(word.startswith(("-o", "--state", "--write")) for word in words):
        return
    if not words[0].startswith("-") and words[0]:
        _command(words, folder)


LINES: Final = [
    "step 12\nover\ninto\nfinish\nline\nevent\ncontinue\nlast\nfirst\ngoto 5\nundo\nredo\nlog 4\n",
    "break vm_page_alloc\nwatch page[0xc03].queue\nbreakpoints\ncontinue\ndelete 1\nuntil 1 fence 9\n",
    "fork other\ncompare main:10\nbranch 0\nrename side\ncall vm_page_count_target()\nreschedule random:3\n",
    "page 0xc03\nwhy page[0xc03].queue\nview life\nview numa\ncolor ACTIVE 7\nmark z\nmark-goto z\n",
    "machine tiny\nrules source\nopen second-chance\nthread app\nstate\npredict\n1\nexplain flags\n",
]


def _text_mode(content: bytes, folder: Path) -> None:
    scenario, _ = _life()
    desk = TextDesk(Session(scenario.start(), scenario))
    for line in _text(content).splitlines()[:40]:
        if not line.lstrip(": ").startswith(("export", "save", "play", "edit")):
            assert all(isinstance(answer, str) for answer in desk.do_line(line))


def _from(corpus: Callable[[], list[str]]) -> Callable[[random.Random], bytes]:
    """Draw from a corpus of texts, which is read when the first input is drawn."""
    return lambda chance: flipped(chance, mutated(chance, corpus()).encode("utf-8", "surrogatepass"))


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("scenario", _from(_library), _scenario),
        Kind("script", _from(_scripts), _script),
        Kind("expression", _from(lambda: EXPRESSIONS), _expression),
        Kind("cell", _from(lambda: CELLS), _cell),
        Kind("schedule", _from(lambda: SCHEDULES), _schedule),
        Kind("machine", _from(lambda: MACHINES), _machine),
        Kind("set", _from(lambda: SETTINGS), _set),
        Kind("hwloc", _from(_xml), _hwloc),
        Kind("trace", _from(_traces), _conform),
        Kind("state", _packed, _state),
        Kind("session", _from(_sessions), _session),
        Kind("config", _from(_configs), _config),
        Kind("course", _from(_courses), _course),
        Kind("progress", _from(_progress_files), _progress),
        Kind("parameters", _from(lambda: PARAMETERS), _parameters),
        Kind("grade", _from(lambda: ANSWERS), _grade),
        Kind("command", _from(lambda: COMMANDS), _command_line),
        Kind("text", _from(lambda: LINES), _text_mode),
    )
}
"""Every kind by its name; the screen's is in tests/fuzz/screen.py."""
