"""`pageq show`: exactly DDB's text, or the kernel's sysctls, at a moment of a scenario or after a boot."""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import Any, Final

from engine.constants import PQ_HOLD, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.machine.machine import Machine
from engine.machine.sysctl import show_sysctl
from engine.reports.ddb import SHOWN_COUNTERS, SHOWN_QUEUES, show_page, show_pageq, show_pageq_hold
from engine.scenario.loader import load_text
from explorer import DEFAULT_SCENARIO
from explorer.cli.arguments import AT, ONE_OBJECT, SCENARIO, add_settings
from explorer.session.command_line import asked_for, read_settings

PLACE: Final = 60
HELP: Final = "Print what DDB's `show page` or `show pageq`, or the sysctls, say at a moment of a scenario."

_SYSCTL: Final = re.compile(r"vm|hw|(?!.*\.toml$)\w+(\.\w*)+")
"""What a sysctl's name looks like; a scenario's file of such a name is reached with its folder."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `pageq show` takes."""
    parser.usage = (
        "pageq show page|pageq [SCENARIO] [--at STEP] [--machine M] [--set KEY=VALUE] [--hold] [--json]\n"
        "       pageq show sysctl [NAME] [SCENARIO] [--at STEP] [--machine M] [--set KEY=VALUE] [--json]"
    )
    parser.add_argument(
        "what", choices=("page", "pageq", "sysctl"), help="counters, the length of each queue, or sysctls"
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="SCENARIO",
        help=f"{SCENARIO}; for sysctl perhaps a NAME before it, such as vm.v_free_min or vm.stats",
    )
    parser.add_argument("--at", metavar="STEP", default="0", help=f"{AT}; default 0")
    add_settings(parser, "another machine")
    parser.add_argument("--hold", action="store_true", help="after pageq: PQ_HOLD too, which DDB leaves out")
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Print the view `what` ("page", "pageq" or "sysctl") of a machine.

    It is the machine of a scenario at a step; without a scenario and with a --machine, that one, just booted.
    Errors: BadInput for words too many, for --hold with another view than pageq, and as read_sysctl.
    """
    what, words = arguments.what, list(arguments.words)
    name = words.pop(0) if what == "sysctl" and words and _SYSCTL.fullmatch(words[0]) else ""
    if len(words) > 1:
        raise BadInput(f"`pageq show {what}` knows no {words[1][:40]!r}; give one scenario")
    if arguments.hold and what != "pageq":
        raise BadInput(f"--hold adds a line to `pageq show pageq`; leave it out of `pageq show {what}`")
    vm = _machine_of(arguments, words[0] if words else None)
    if arguments.json:
        print(json.dumps({"format": 1, what: _numbers(vm, what, name.rstrip("."), arguments.hold)}))
        return 0
    sys.stdout.write(show_sysctl(vm, name.rstrip(".")) if what == "sysctl" else _DDB[what](vm))
    if arguments.hold:
        sys.stdout.write(show_pageq_hold(vm))
    return 0


_DDB: Final = {"page": show_page, "pageq": show_pageq}


def _numbers(vm: Machine, what: str, name: str, hold: bool) -> dict[str, Any]:
    """What a view prints, as JSON has it."""
    if what == "page":
        return {counter: vm.vmstats.count[VMSTATS_FIELDS.index(counter)] for counter in SHOWN_COUNTERS}
    if what == "sysctl":
        rows = (row.partition(": ") for row in show_sysctl(vm, name).splitlines())
        return {key: int(value) if value.lstrip("-").isdigit() else value for key, _, value in rows}
    lcnt = vm.memory.vector("queue.lcnt")
    shown = {**SHOWN_QUEUES, **({"PQ_HOLD": PQ_HOLD} if hold else {})}
    return {queue: lcnt[base : base + vm.colors].tolist() for queue, base in shown.items()}


_BARE: Final = 'format = 1\ntitle = "a machine"\n'
"""A scenario in which nothing happens."""


def _machine_of(arguments: argparse.Namespace, scenario: str | None) -> Machine:
    if scenario is None and arguments.machine is not None:
        loaded = load_text(_BARE, machine=arguments.machine, settings=read_settings(arguments))
    else:
        loaded = asked_for(arguments, scenario or DEFAULT_SCENARIO)
    history = loaded.start()
    history.seek(loaded.find_step(history, arguments.at))
    return history.vm
