"""The bounds of a run on a computer that others use too: checked before anything large is made."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.scenario.bounds import UNBOUNDED, Bounds
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.setup import COMPLETED

SMALL = Bounds(history=1 << 20, memory=16 << 20, steps=1_000)

TEXT = """format = 1
title = "T"
[machine]
memory = "4 MiB"
topology = "1x1x1"
{more}
"""

STRING = """format = 1
title = "T"
[machine]
memory = "4 MiB"
[[object]]
name = "o"
size = 1000
[[process]]
name = "p"
maps = [{{ object = "o", start = 0, pages = 1000 }}]
[[thread]]
name = "app"
process = "p"
trace = "made:loop:pages=10,length={length}"
"""


@pytest.mark.parametrize(
    ("memory", "why"),
    [
        (
            'memory = "64 MiB"',
            "a machine with 64 MiB of memory is too large on this server; use at most 16 MiB",
        ),
        ('ranges = [["0", "4 MiB"], ["63 GiB", "64 GiB"]]', "with 64 GiB of memory is too large"),
        (
            'memory = "4 MiB"\nswap = 4097',
            "swap = 4,097 is too much on this server; use at most 4,096 blocks",
        ),
    ],
    ids=["memory", "a span with a hole", "swap"],
)
def test_a_machine_that_is_too_large_is_refused(memory: str, why: str) -> None:
    text = TEXT.format(more="").replace('memory = "4 MiB"', memory)
    with pytest.raises(BadInput, match=why):
        load_text(text, bounds=SMALL)
    with pytest.raises(BadInput, match=why):
        load_text(text).within(SMALL)


def test_a_machine_of_just_the_size_is_accepted() -> None:
    exact = TEXT.format(more="swap = 4096").replace("4 MiB", "16 MiB")
    assert load_text(exact, bounds=SMALL).start().vm.config.hardware.physmem == 4096


def test_a_machine_that_replaces_the_files_is_checked_too() -> None:
    with pytest.raises(BadInput, match="a machine with 64 MiB of memory is too large"):
        load("life-of-a-page", machine="two-socket", bounds=SMALL)


def test_a_made_string_that_is_too_long_is_not_read() -> None:
    with pytest.raises(BadInput, match=r"10,000,000,000 references are too many .* at most 1,000") as raised:
        load_text(STRING.format(length=10**10), "t.toml", bounds=SMALL)
    assert (raised.value.file, raised.value.line) == ("t.toml", 14)
    assert load_text(STRING.format(length=1000), bounds=SMALL).steps == 1_000


def test_the_steps_of_a_run_and_of_its_setup_are_bounded() -> None:
    loop = 'script = """\nwhile True:\n    vm_page_lookup(NULL, 0)\n"""'
    thread = TEXT.format(more=f'[limits]\nsteps = 1_000_000_000\n[[thread]]\nname = "app"\n{loop}')
    scenario = load_text(thread, bounds=SMALL)
    assert scenario.run(scenario.start()) != COMPLETED
    assert scenario.steps == 1_000
    setup = load_text(TEXT.format(more=f"[limits]\nsteps = 1_000_000_000\n[setup]\n{loop}"), bounds=SMALL)
    with pytest.raises(BadInput, match="the setup did not complete"):
        setup.start()


def test_what_a_run_depends_on_stays_the_same() -> None:
    def digests(scenario: Scenario) -> tuple[str, str]:
        return scenario.sha256, scenario.start().vm.memory.digest()

    assert digests(load("life-of-a-page", bounds=SMALL)) == digests(load("life-of-a-page"))


def test_without_bounds_nothing_is_refused() -> None:
    assert UNBOUNDED.of(load("tour").form).steps == load("tour").steps
    assert UNBOUNDED.more_history == "give more with --history SIZE"
    assert "--history" not in SMALL.more_history
