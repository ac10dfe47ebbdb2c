"""The threads of a scenario, those that are added, and what they may not be."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.run.interrupt import BIODONE
from engine.run.opening import BOOT
from engine.scenario.threads import threads_of
from tests.engine.scenario.small_scenarios import THREAD, scenario_of

APP = THREAD.format("pass")
SWAP = 'memory = "4 MiB"\nswap = 16'


@pytest.mark.parametrize(
    ("machine", "rest", "added"),
    [
        ('memory = "4 MiB"', APP, []),
        (SWAP, APP, [BIODONE]),
        (SWAP, APP + '[[thread]]\nname = "biodone"\ncpu = 0\n', []),
        ('memory = "4 MiB"\nboot = "stepped"', APP, [BOOT]),
        (f'{SWAP}\nboot = "stepped"', APP, [BIODONE, BOOT]),
    ],
)
def test_the_interrupt_thread_and_boot_are_added_where_they_run(
    machine: str, rest: str, added: list[str]
) -> None:
    scenario = scenario_of(machine, rest=rest)
    own = [thread.name for thread in scenario.form.threads]
    assert [thread.name for thread in threads_of(scenario.form)] == [*own, *added]
    assert [program.name for program in scenario.programs] == [*own, *added]


def test_a_thread_has_the_nice_value_of_its_process() -> None:
    process = '[[process]]\nname = "sh"\npid = 7\nnice = -5\nmaps = [{object = "o", start = 0x1000, pages = 4, prot = "r"}]\n'
    thread = '[[thread]]\nname = "app"\nprocess = "sh"\nscript = "pass"\n'
    scenario = scenario_of(rest=f'[[object]]\nname = "o"\n{process}{thread}')
    assert scenario.expression("thread[app].nice").show(scenario.start().vm) == -5
    assert scenario.form.processes[0].maps[0].start == 0x1000


def test_a_thread_on_an_unknown_cpu_is_refused_with_its_line() -> None:
    with pytest.raises(BadInput, match="thread app: there is no cpu 9; this machine has cpus 0 to") as caught:
        scenario_of(rest='[[thread]]\nname = "app"\ncpu = 9\nscript = "pass"\n')
    assert caught.value.line == 6
