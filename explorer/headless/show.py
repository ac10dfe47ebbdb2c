"""`pageq show page` and `pageq show pageq`: exactly DDB's text, at a moment of a scenario or after a boot."""

from __future__ import annotations

import sys

from engine.ddb import show_page, show_pageq
from engine.inputs.machine_name import read_machine
from engine.kernel.boot import boot
from engine.machine import Machine, MachineConfig


def show(what: str, scenario: str | None, at: str, machine: str | None) -> int:
    """Print the view `what` ("page" or "pageq") of a scenario at `at`, or of a machine that just booted."""
    if scenario is None and machine is not None:
        vm = boot(MachineConfig(read_machine(machine)))
    else:
        vm = _machine_of(scenario, at, machine)
    sys.stdout.write(show_page(vm) if what == "page" else show_pageq(vm))
    return 0


def _machine_of(scenario: str | None, at: str, machine: str | None) -> Machine:
    from engine.scenario.loader import load
    from explorer import DEFAULT_SCENARIO

    loaded = load(scenario or DEFAULT_SCENARIO, machine=machine)
    history = loaded.start()
    history.seek(loaded.find_step(history, at))
    return history.vm
