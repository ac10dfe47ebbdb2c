"""Opening a state string: the same run in every cell, or a message that names both versions."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import __version__
from engine.errors import BadInput
from engine.references.reader import Reading
from engine.replay.scenario import replay_scenario
from engine.run.history import History
from engine.saved.reopen import Opened, check_shared, file_of, open_token, read_token
from engine.saved.state_string import decode, encode, token_of
from engine.scenario.library import OWN, open_course
from engine.scenario.loader import load, load_text
from engine.scenario.settings import setting
from engine.scenario.trace_file import read_trace
from tests.engine.saved.recorded_walks import TWO, Walker, console_history, repacked
from tests.engine.scenario.course_folder import write_course
from tests.engine.scenario.some_pages import PAGES, pages
from tests.tiers import only_fast

ROOT = Path(__file__).resolve().parents[3]


def went_on(history: History) -> int | str:
    """How many more steps the run takes, or why it takes none."""
    try:
        return history.extend(60)
    except BadInput as error:
        return error.message


@pytest.mark.parametrize("seed", only_fast(range(40), *range(16)))
def test_a_token_opens_at_the_step_of_a_random_walk_and_continues_like_it(seed: int) -> None:
    walker = Walker(load_text(TWO, "two.toml"), seed)
    history = walker.history
    for _ in range(25):
        walker.act()
    opened = open_token(decode(encode(token_of(walker.scenario, history)))).replayed.history
    assert (opened.step, opened.total) == (history.step, history.step)
    assert opened.vm.memory.digest() == history.vm.memory.digest()
    if history.step == history.total and opened.branch.name == history.branch.name:
        assert went_on(opened) == went_on(history)
        assert opened.vm.memory.digest() == history.vm.memory.digest()


@pytest.mark.slow
def test_a_fresh_process_opens_a_token_to_the_same_digest() -> None:
    scenario, history = console_history()
    code = (
        "import sys\n"
        "from engine.saved.reopen import open_token, read_token\n"
        "opened = open_token(read_token(sys.argv[1]))\n"
        "history = opened.replayed.history\n"
        "print(history.step, history.vm.memory.digest(), *opened.replayed.current_names.threads)\n"
    )
    text = encode(token_of(scenario, history))
    words = [sys.executable, "-c", code, text]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == [
        str(history.step), history.vm.memory.digest(), "app", "other", "third", "console"
    ]  # fmt: skip


def test_a_machine_that_replaced_the_files_is_in_the_token() -> None:
    scenario = load("life-of-a-page", machine="4MiB:1x2x1")
    history = scenario.start()
    history.extend(5)
    opened: Opened = open_token(decode(encode(token_of(scenario, history))))
    assert opened.scenario.config == scenario.config
    changed = replace(token_of(scenario, history), machine=None)
    with pytest.raises(BadInput, match="the memory after step 5 has the digest"):
        open_token(changed)


BOTH = f"made by pageq 9.9, opened by pageq {__version__}"

TAMPERED: list[tuple[str, dict[str, Any], str]] = [
    ("another digest", {"d": "00000000", "v": "9.9"}, BOTH),
    ("another step", {"t": 12, "v": "9.9"}, BOTH),
    ("a step beyond the end", {"t": 100_000, "v": "9.9"}, BOTH),
    ("another text of the scenario", {"h": "0" * 8, "v": "9.9"}, BOTH),
    ("an unknown scenario", {"n": "nowhere", "v": "9.9"}, BOTH),
    ("another schedule", {"s": "random:4", "v": "9.9"}, BOTH),
    ("a leg without parent", {"l": [{}, {"f": 2}]}, "is not an earlier branch"),
    ("a word that is not an item", {"l": [{"i": "app"}]}, "is not an item"),
    ("an unknown thread", {"l": [{"i": "bob:3"}]}, "there is no thread bob"),
    ("more of a thread's steps than there are", {"l": [{"i": "writer:9999999999"}]}, "steps too early"),
    ("an unknown current branch", {"b": 7}, "no current branch"),
    (
        "a call that writes another variable",
        {"l": [{"i": "*1"}, {"p": 0, "f": 1, "c": ["z", 0, 0, "y = 2"]}]},
        "start at cell 0, which is in use",
    ),
    (
        "a call without room",
        {"l": [{"i": "*1"}, {"p": 0, "f": 1, "c": ["z", 0, 1 << 40, "y = 2"]}]},
        "room for 4096 variables",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "message"), [row[1:] for row in TAMPERED], ids=[row[0] for row in TAMPERED]
)
def test_a_tampered_token_is_refused(changes: dict[str, Any], message: str) -> None:
    scenario = load("hard-and-soft-busy")
    history = scenario.start()
    history.extend(20)
    text = encode(token_of(scenario, history))
    open_token(decode(repacked(text)))
    with pytest.raises(BadInput, match=message.replace(".", r"\.")):
        open_token(decode(repacked(text, **changes)))


def test_a_string_of_0_1_is_refused_with_both_versions() -> None:
    scenario = load("life-of-a-page")
    old = replace(token_of(scenario, scenario.start()), version="0.1.0")
    with pytest.raises(BadInput, match=f"made by pageq 0.1.0, opened by pageq {re.escape(__version__)}"):
        open_token(decode(encode(old)))


def test_a_token_is_read_from_a_file_too(tmp_path: Path) -> None:
    scenario = load("life-of-a-page")
    token = token_of(scenario, scenario.start())
    path = tmp_path / "moment.pq"
    path.write_text(encode(token) + "\n")
    assert read_token(str(path)) == token
    path.write_text("nonsense")
    with pytest.raises(BadInput, match=r"moment\.pq:1: .*is not a state string"):
        read_token(str(path))
    with pytest.raises(BadInput, match="neither a state string"):
        read_token(str(tmp_path / "missing"))


def test_a_file_that_cannot_be_a_state_string_says_why(tmp_path: Path) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(
        BadInput, match=f"'{path}' is neither a state string, which .*: it is not a text file"
    ):
        read_token(str(path))
    with pytest.raises(BadInput, match=f"'{tmp_path}' is neither .*: Is a directory"):
        read_token(str(tmp_path))


def test_a_string_with_spaces_around_it_is_read() -> None:
    scenario = load("life-of-a-page")
    token = token_of(scenario, scenario.start())
    assert read_token(f" {encode(token)}\n") == token


XML = str(ROOT / "tests" / "engine" / "inputs" / "machines" / "two-sockets.xml")

FILES: list[tuple[str, dict[str, Any]]] = [
    ("as its machine", {"m": XML}),
    ("as its machine, whatever it is", {"m": "/etc/passwd"}),
    ("as its schedule", {"s": "@/etc/passwd"}),
    ("in a setting", {"k": [["machine.hwloc", XML]]}),
    (
        "in its text",
        {"n": "two.toml", "x": TWO.replace('memory = "4 MiB"\ntopology = "1x2x1"', f"hwloc = '{XML}'")},
    ),
    (
        "in its text, beside a setting of the machine that does not replace it",
        {
            "n": "two.toml",
            "x": TWO.replace('memory = "4 MiB"\ntopology = "1x2x1"', f"hwloc = '{XML}'"),
            "k": [["machine.dma_reserved", 0]],
        },
    ),
]


@pytest.mark.parametrize("changes", [row[1] for row in FILES], ids=[row[0] for row in FILES])
def test_a_state_string_that_names_a_file_is_refused_unread(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = load("life-of-a-page")
    token = decode(repacked(encode(token_of(scenario, scenario.start())), **changes))
    opened: list[str] = []
    monkeypatch.setattr("engine.scenario.overrides.read_machine", opened.append)
    monkeypatch.setattr("engine.inputs.hwloc.read_hwloc", opened.append)
    with pytest.raises(BadInput, match=r"it names the file '.*', and state strings do not open files"):
        open_token(token)
    assert opened == []
    assert file_of(token) in (XML, "/etc/passwd")


def test_a_trace_in_a_file_is_not_opened_by_a_state_string_and_a_made_one_is(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    trace.write_text("1 2 1 3")
    for name in (str(trace), "made:loop:pages=3,length=4"):
        text = replay_scenario(name, read_trace(name, Reading()), 8)
        scenario = load_text(text, "replay.toml")
        history = scenario.start()
        history.extend(150)
        token = decode(encode(token_of(scenario, history)))
        again = open_token(token, files=True)
        assert again.replayed.history.vm.memory.digest() == history.vm.memory.digest()
        if name.startswith("made"):
            assert file_of(token) is None
            continue
        with pytest.raises(BadInput, match="it names the file"):
            open_token(token)
        for changed, why in (("1 2 1 2", ""), ("1 2 1 99", ": .*does not map"), ("1 ?", r": .*trace:1: ")):
            trace.write_text(changed)
            with pytest.raises(
                BadInput, match=f"the trace '{trace}' has changed{why}.*; put the old file back$"
            ):
                open_token(token, files=True)
        trace.unlink()
        with pytest.raises(BadInput, match=f"the trace '{trace}' is missing; put the file back$"):
            open_token(token, files=True)


@pytest.mark.slow
def test_a_saved_session_may_name_its_machines_file() -> None:
    scenario = load("life-of-a-page", machine=XML)
    history = scenario.start()
    history.extend(5)
    token = token_of(scenario, history)
    opened = open_token(decode(encode(token)), files=True)
    assert opened.replayed.history.vm.memory.digest() == history.vm.memory.digest()
    with pytest.raises(BadInput, match=r"depends on the file .*two-sockets\.xml'"):
        check_shared(token)


@pytest.mark.parametrize("machine", [None, "4MiB:1x2x1", "two-socket"])
def test_a_run_without_files_can_be_shared(machine: str | None) -> None:
    scenario = load("life-of-a-page", machine=machine)
    token = token_of(scenario, scenario.start())
    assert file_of(token) is None
    check_shared(token)


# --- parameters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sets", "seed"), [((), 0), ((), (1 << 64) - 1), (("n=8",), None), (("n=7", "machine.swap=8"), 2026)]
)
def test_a_state_string_has_the_seed_and_the_values(sets: tuple[str, ...], seed: int | None) -> None:
    scenario = pages(*sets, seed=seed)
    history = scenario.start()
    history.extend(40)
    opened = open_token(decode(encode(token_of(scenario, history)))).scenario
    assert (opened.seed, opened.settings) == (seed, scenario.settings)
    assert dict(opened.parameters) == dict(scenario.parameters)


@pytest.mark.parametrize(("seed", "most"), [(2026, 10), ((1 << 64) - 1, 28)])
def test_a_seed_adds_few_characters_to_a_state_string(seed: int, most: int) -> None:
    texts = []
    for scenario in (load("life-of-a-page"), load("life-of-a-page", seed=seed)):
        history = scenario.start()
        scenario.run(history)
        texts.append(encode(token_of(scenario, history)))
    assert len(texts[0]) < 120
    assert len(texts[1]) <= len(texts[0]) + most
    assert open_token(decode(texts[1])).scenario.seed == seed


@pytest.mark.parametrize("seed", [-1, 1 << 64, "1", 1.5, True, [1]])
def test_a_damaged_seed_of_a_state_string_is_a_message(seed: Any) -> None:
    scenario = pages(seed=1)
    word = encode(token_of(scenario, scenario.start()))
    with pytest.raises(BadInput, match="its entry 'e' is missing or has the wrong type"):
        decode(repacked(word, e=seed))


def test_a_state_string_whose_file_has_other_values_now_is_refused() -> None:
    scenario = pages(seed=0)
    token = token_of(scenario, scenario.start())
    changed = replace(token, text=PAGES.replace("[4, 6, 8]", "[4, 6, 9]"))
    with pytest.raises(BadInput, match="has the sha256"):
        open_token(changed)


def test_a_state_string_with_a_value_of_no_parameter_is_refused() -> None:
    scenario = pages("n=8")
    token = token_of(scenario, scenario.start())
    with pytest.raises(BadInput, match="--set 'm' is not allowed"):
        open_token(replace(token, settings=(setting("m", 3),)))


def test_the_machines_file_may_be_named_by_a_parameter() -> None:
    text = 'format = 1\ntitle = "t"\n[parameters]\nn = [1, 2]\n[machine]\nhwloc = "m{n}.xml"\n'
    token = replace(token_of(load("tour"), load("tour").start()), text=text)
    assert file_of(replace(token, seed=1)) == "m2.xml"  # splitmix64(1) is 1 mod 2
    assert file_of(replace(token, settings=(setting("n", 7),))) == "m7.xml"


# --- scenarios of a course --------------------------------------------------------------------------------


def test_a_scenario_of_a_course_carries_its_text_and_is_found_again_by_its_name(tmp_path: Path) -> None:
    folder = write_course(tmp_path, names=("first", "second", "tour"))
    library = open_course(folder)
    for name in ("first", "tour"):
        scenario = load(name, library=library)
        history = scenario.start()
        history.extend(3)
        token = decode(encode(token_of(scenario, history)))
        assert (token.name, token.text) == (f"{name}.toml", scenario.form.source)
        alone, within = open_token(token), open_token(token, library=library)
        assert (alone.scenario.name, alone.scenario.library) == (f"{name}.toml", OWN)
        assert (within.scenario.name, within.scenario.library) == (name, library)
        assert alone.replayed.history.vm.memory.digest() == within.replayed.history.vm.memory.digest()


def test_a_scenario_that_has_changed_in_the_course_opens_by_its_text(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    library = open_course(folder)
    scenario = load("first", library=library)
    token = token_of(scenario, scenario.start())
    path = folder / "first.toml"
    path.write_text(scenario.form.source.replace("The scenario first", "Another title"))
    assert open_token(token, library=library).scenario.title == "The scenario first"
    path.write_bytes(b"\xff")
    assert open_token(token, library=library).scenario.title == "The scenario first"


def test_a_scenario_of_the_library_that_a_course_hides_opens_as_itself(tmp_path: Path) -> None:
    library = open_course(write_course(tmp_path, names=("first", "second", "tour")))
    scenario = load(str(OWN.find("tour")), library=library)
    token = decode(encode(token_of(scenario, scenario.start())))
    assert (token.name, token.text) == ("tour", None)
    assert open_token(token, library=library).scenario.title == load("tour").title
    other = load("boot", library=library)
    assert open_token(token_of(other, other.start()), library=library).scenario.library == library
