"""`pageq show page` and `pageq show pageq`: exactly DDB's text, at a moment of a scenario or after a boot."""

from __future__ import annotations

import json
import sys
from typing import Any

from engine.constants import VMSTATS_FIELDS
from engine.ddb import SHOWN_COUNTERS, SHOWN_QUEUES, show_page, show_pageq
from engine.inputs.machine_name import read_machine
from engine.kernel.boot import boot
from engine.machine import Machine, MachineConfig


def show(what: str, scenario: str | None, at: str, machine: str | None, as_json: bool = False) -> int:
    """Print the view `what` ("page" or "pageq") of a scenario at `at`, or of a machine that just booted.

    as_json: print its numbers as one JSON object instead.
    """
    if scenario is None and machine is not None:
        vm = boot(MachineConfig(read_machine(machine)))
    else:
        vm = _machine_of(scenario, at, machine)
    if as_json:
        print(json.dumps({"format": 1, what: _counters(vm) if what == "page" else _lengths(vm)}))
        return 0
    sys.stdout.write(show_page(vm) if what == "page" else show_pageq(vm))
    return 0


def _counters(vm: Machine) -> dict[str, Any]:
    return {name: vm.vmstats.count[VMSTATS_FIELDS.index(name)] for name in SHOWN_COUNTERS}


def _lengths(vm: Machine) -> dict[str, Any]:
    lcnt = vm.memory.vector("queue.lcnt")
    return {name: lcnt[base : base + vm.colors].tolist() for name, base in SHOWN_QUEUES.items()}


def _machine_of(scenario: str | None, at: str, machine: str | None) -> Machine:
    from engine.scenario.loader import load
    from explorer import DEFAULT_SCENARIO

    loaded = load(scenario or DEFAULT_SCENARIO, machine=machine)
    history = loaded.start()
    history.seek(loaded.find_step(history, at))
    return history.vm
