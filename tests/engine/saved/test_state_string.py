"""State tokens: whatever a person did, the token's opening does it again, to the last cell."""

from __future__ import annotations

import base64
import json
import random
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import __version__
from engine.errors import BadInput
from engine.language.symbols import Names
from engine.run.history import History
from engine.run.schedule import parse_schedule
from engine.saved.reopen import Opened, open_token, read_token
from engine.saved.run_log import course_of, replay
from engine.saved.state_string import LONGEST, PREFIX, decode, encode, token_of
from engine.scenario.library import find, library_names
from engine.scenario.loader import Scenario, load, load_text
from engine.script.injected_call import compile_call, console_owner

ROOT = Path(__file__).resolve().parents[3]

TWO = """format = 1
title = "Two at work"
[machine]
memory = "4 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = \"\"\"
for i in range(6):
    m = vm_page_alloc(heap, i, VM_ALLOC_NORMAL)
    vm_page_activate(m)
    vm_page_wakeup(m)
\"\"\"
[[thread]]
name = "other"
cpu = 1
script = \"\"\"
for i in range(6):
    p = vm_page_alloc(heap, 100 + i, VM_ALLOC_NORMAL)
    vm_page_deactivate(p)
    vm_page_wakeup(p)
\"\"\"
[[thread]]
name = "third"
cpu = 1
script = \"\"\"
q = vm_page_alloc(heap, 50, VM_ALLOC_NORMAL)
vm_page_wakeup(q)
\"\"\"
"""


class Walker:
    """A person who does one thing or another, and keeps the names of each branch."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.history = scenario.start()
        self.chance = random.Random(seed)
        self.names: dict[int, Names] = {0: scenario.names}

    def act(self) -> None:
        """Do one thing, whatever comes to mind."""
        moves = (
            self.run,
            self.choose,
            self.choose,
            self.look,
            self.fork,
            self.inject,
            self.switch,
            self.drop,
        )
        self.chance.choice(moves)()

    def run(self) -> None:
        with suppress(BadInput):  # an item of a schedule that cannot run
            self.history.extend(self.chance.randrange(1, 40))

    def choose(self) -> None:
        t = self.chance.randrange(len(self.history.programs))
        for _ in range(self.chance.randrange(1, 6)):
            self._branching(lambda: self.history.step_thread(t))

    def look(self) -> None:
        self.history.seek(self.chance.randrange(self.history.total + 1))

    def fork(self) -> None:
        texts = (
            None,
            "rr",
            f"random:{self.chance.randrange(99)}",
            "other:7,app:3",
            "app:op,other:line",
            "tick:2",
        )
        text = self.chance.choice(texts)
        self._branching(lambda: self.history.fork(None if text is None else parse_schedule(text)))

    def inject(self) -> None:
        known = self._names_here()
        cpu, owner = self.chance.randrange(2), console_owner(known)
        text = self.chance.choice(
            ("n = vm_page_alloc(heap, 70, 0)", "x += 3\nvm_object_hold(heap)", "tick(2)")
        )
        program, found = compile_call(text, known, cpu, owner)
        with suppress(BadInput):  # after a panic
            self.history.inject(program)
            self.names[self.history.current] = found

    def switch(self) -> None:
        self.history.switch(self.chance.randrange(len(self.history.branches)))

    def drop(self) -> None:
        lowest = max(branch.fork_step for branch in self.history.branches)
        if lowest < self.history.total:
            self.history.forget(self.chance.randrange(lowest + 1, self.history.total + 1))

    def _branching(self, deed: Callable[[], object]) -> None:
        known, before = self._names_here(), len(self.history.branches)
        deed()
        if len(self.history.branches) > before:
            self.names[self.history.current] = known

    def _names_here(self) -> Names:
        """The names of the threads that there are at the cursor."""
        history, number = self.history, self.history.current
        while (parent := history.branches[number].parent) is not None:
            if history.step > history.branches[number].fork_step:
                break
            number = parent
        return self.names[number]


def went_on(history: History) -> int | str:
    """How many steps more the run takes, or why it takes none."""
    try:
        return history.extend(60)
    except BadInput as error:
        return error.message


@pytest.mark.parametrize("seed", range(40))
def test_a_token_opens_where_a_random_walk_stands_and_goes_on_like_it(seed: int) -> None:
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


@pytest.mark.parametrize("seed", range(12))
def test_every_branch_of_a_random_walk_is_made_again(seed: int) -> None:
    walker = Walker(load_text(TWO, "two.toml"), seed)
    history = walker.history
    for _ in range(25):
        walker.act()
    made = replay(walker.scenario, course_of(history))
    again = made.history
    assert (again.current, again.step) == (history.current, history.step)
    assert [branch.name for branch in again.branches] == [branch.name for branch in history.branches]
    for number in range(len(history.branches)):
        ends = []
        for one in (history, again):
            one.switch(number)
            one.seek(one.total)
            ends.append((one.total, one.vm.memory.digest(), [program.lines for program in one.programs]))
        assert ends[0] == ends[1]
        assert made.names[number].threads == tuple(program.name for program in again.programs)


@pytest.mark.parametrize("name", library_names())
def test_a_library_scenario_on_its_own_schedule_has_a_short_token(name: str) -> None:
    scenario = load(name)
    history = scenario.start()
    scenario.run(history)
    text = encode(token_of(scenario, history))
    assert text.startswith(PREFIX)
    assert len(text) < 120


def console_history() -> tuple[Scenario, History]:
    """Two threads, some steps by choice, and a call at the console."""
    scenario = load_text(TWO, "two.toml", schedule="random:5", rules="source")
    history = scenario.start()
    history.extend(30)
    program, _ = compile_call(
        "n = vm_page_alloc(NULL, 70, VM_ALLOC_NORMAL)\nvm_page_wakeup(n)", scenario.names
    )
    t = history.inject(program)
    for _ in range(8):
        history.step_thread(t)
    history.extend(40)
    return scenario, history


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


def test_a_token_says_what_differs_from_the_scenarios_own() -> None:
    scenario, history = console_history()
    token = decode(encode(token_of(scenario, history)))
    assert token == token_of(scenario, history)
    assert (token.rules, token.schedule, token.machine) == ("source", "random:5", None)
    assert token.text == TWO
    assert [leg.items for leg in token.course.legs] == ["*30", "console:8,*40"]
    assert token.course.legs[1].call is not None
    assert token.course.legs[1].call.text.startswith("n = vm_page_alloc")
    assert len(encode(token)) < LONGEST


def test_a_thread_chosen_where_it_is_its_turn_is_no_deviation() -> None:
    scenario = load_text(TWO, "two.toml")
    history = scenario.start()
    for n in range(4):
        assert history.step_thread(n % 2)
    assert [leg.items for leg in token_of(scenario, history).course.legs] == ["*4"]


def repacked(text: str, **changes: Any) -> str:
    """The token with some of its entries changed."""
    body = text.removeprefix(PREFIX)
    entries = json.loads(zlib.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    raw = json.dumps(entries | changes).encode()
    return PREFIX + base64.urlsafe_b64encode(zlib.compress(raw)).rstrip(b"=").decode()


BOTH = f"made by pageq 9.9, opened by pageq {__version__}"

TAMPERED: list[tuple[str, dict[str, Any], str]] = [
    ("another digest", {"d": "00000000", "v": "9.9"}, BOTH),
    ("another step", {"t": 12, "v": "9.9"}, BOTH),
    ("a step beyond the end", {"t": 100_000, "v": "9.9"}, BOTH),
    ("another text of the scenario", {"h": "0" * 8, "v": "9.9"}, BOTH),
    ("a scenario that is not there", {"n": "nowhere", "v": "9.9"}, BOTH),
    ("another schedule", {"s": "random:4", "v": "9.9"}, BOTH),
    ("no digest", {"d": ""}, "8 hexadecimal digits"),
    ("no hash", {"h": ""}, "8 hexadecimal digits"),
    ("a step that is no number", {"t": "many"}, "'t' is missing or of a wrong type"),
    ("a leg that is none", {"l": [3]}, "a part of it is no table"),
    ("a leg without parent", {"l": [{}, {"f": 2}]}, "no parent"),
    ("an item that is none", {"l": [{"i": "app"}]}, "is no item"),
    ("a thread that is not there", {"l": [{"i": "nobody:3"}]}, "there is no thread nobody"),
    ("more of a thread's steps than there are", {"l": [{"i": "writer:9999999999"}]}, "steps too early"),
    ("a current branch that is not there", {"b": 7}, "no current branch"),
    ("a call that is none", {"l": [{}, {"p": 0, "c": [1, 2, 3, 4]}]}, "a call in it is none"),
]


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


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-6],
        lambda text: text + "AAAA",
        lambda text: text.replace("pq1-", "pq2-"),
        lambda text: text[:20] + "!" + text[21:],
        lambda text: text[:30] + ("A" if text[30] != "A" else "B") + text[31:],
        lambda _: PREFIX,
        lambda _: PREFIX + base64.urlsafe_b64encode(zlib.compress(b"0" * (8 << 20))).decode().rstrip("="),
    ],
    ids=["cut short", "too long", "another prefix", "a strange character", "a wrong one", "empty", "a bomb"],
)
def test_a_damaged_token_is_refused(spoil: Callable[[str], str]) -> None:
    scenario = load("life-of-a-page")
    with pytest.raises(BadInput, match=r"damaged|no state string"):
        decode(spoil(encode(token_of(scenario, scenario.start()))))


def test_a_token_is_read_from_a_file_as_well(tmp_path: Path) -> None:
    scenario = load("life-of-a-page")
    token = token_of(scenario, scenario.start())
    path = tmp_path / "moment.pq"
    path.write_text(encode(token) + "\n")
    assert read_token(str(path)) == token
    path.write_text("nonsense")
    with pytest.raises(BadInput, match=r"moment\.pq:1: .*no state string"):
        read_token(str(path))
    with pytest.raises(BadInput, match="neither a state string"):
        read_token(str(tmp_path / "missing"))


def test_a_machine_that_replaced_the_files_is_in_the_token() -> None:
    scenario = load("life-of-a-page", machine="4MiB:1x2x1")
    history = scenario.start()
    history.extend(5)
    opened: Opened = open_token(decode(encode(token_of(scenario, history))))
    assert opened.scenario.config == scenario.config
    changed = replace(token_of(scenario, history), machine=None)
    with pytest.raises(BadInput, match="the memory after step 5 has the digest"):
        open_token(changed)


DEPENDS_NOT = [
    ("title", 'title = "', 'title = "Another: '),
    ("lesson", 'lesson = """', 'lesson = """Another lesson. '),
    ("a question's words", 'ask = "', 'ask = "Say: '),
]


@pytest.mark.parametrize(("_", "old", "new"), DEPENDS_NOT, ids=[row[0] for row in DEPENDS_NOT])
def test_what_a_scenario_teaches_does_not_change_its_strings(_: str, old: str, new: str) -> None:
    text = find("life-of-a-page").read_text(encoding="utf-8")
    assert old in text
    scenario = load_text(text.replace(old, new, 1), "copy.toml")
    assert scenario.sha256 == load("life-of-a-page").sha256


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("vm_page_activate(m)", "vm_page_deactivate(m)"),
        ('memory = "16 MiB"', 'memory = "32 MiB"'),
        ("format = 1", 'format = 1\nrules = "source"'),
        ("format = 1", "format = 1\nlimits.steps = 5000"),
    ],
    ids=["the script", "the machine", "the rules", "the limits"],
)
def test_what_a_run_depends_on_changes_its_strings(old: str, new: str) -> None:
    text = find("life-of-a-page").read_text(encoding="utf-8")
    assert old in text
    assert load_text(text.replace(old, new, 1), "copy.toml").sha256 != load("life-of-a-page").sha256


def test_a_string_of_0_1_is_refused_with_both_versions() -> None:
    scenario = load("life-of-a-page")
    old = replace(token_of(scenario, scenario.start()), version="0.1.0")
    with pytest.raises(BadInput, match=f"made by pageq 0.1.0, opened by pageq {re.escape(__version__)}"):
        open_token(decode(encode(old)))
