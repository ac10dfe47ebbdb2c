"""Runs by a simulated user, random and planned, and a state string with changed entries."""

from __future__ import annotations

import base64
import json
import random
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from engine.errors import BadInput
from engine.language.symbols import Names
from engine.run.history import History
from engine.run.schedule import parse_schedule
from engine.saved.state_string import PREFIX
from engine.scenario.loader import Scenario, load_text
from engine.script.injected_call import compile_call, console_owner

TWO: Final = """format = 1
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
    """A simulated user who does random actions, and the names of each branch."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.history = scenario.start()
        self.chance = random.Random(seed)
        self.names: dict[int, Names] = {0: scenario.names}

    def act(self) -> None:
        """Do one random action."""
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
        """The names of the threads that exist at the cursor."""
        history, number = self.history, self.history.current
        while (parent := history.branches[number].parent) is not None:
            if history.step > history.branches[number].fork_step:
                break
            number = parent
        return self.names[number]


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


def repacked(text: str, **changes: Any) -> str:
    """The token with some entries changed."""
    body = text.removeprefix(PREFIX)
    entries = json.loads(zlib.decompress(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    raw = json.dumps(entries | changes).encode()
    return PREFIX + base64.urlsafe_b64encode(zlib.compress(raw)).rstrip(b"=").decode()
