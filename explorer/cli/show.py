"""`pageq show`: print exactly DDB's text, or the sysctls, at a moment of a scenario or after boot."""

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
HELP: Final = "Print DDB's `show page` or `show pageq`, or the sysctls, at a moment of a scenario."

_SYSCTL: Final = re.compile(r"vm|hw|(?!.*\.toml$)\w+(\.\w*)+")
"""The form of a sysctl's name; to name a scenario file of this form, give its folder too."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq show`."""
    parser.usage = (
        "pageq show page|pageq [SCENARIO] [--at STEP] [--machine M] [--rules R] [--set KEY=VALUE]\n"
        "           [--hold] [--json]\n"
        "       pageq show sysctl [NAME] [SCENARIO] [--at STEP] [--machine M] [--rules R]\n"
        "           [--set KEY=VALUE] [--json]"
    )
    parser.add_argument(
        "what",
        choices=("page", "pageq", "sysctl"),
        help="the page counters, the length of each queue, or the sysctls",
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="SCENARIO",
        help=f"{SCENARIO}; for sysctl, optionally after a NAME such as vm.v_free_min or vm.stats",
    )
    parser.add_argument("--at", metavar="STEP", default="0", help=f"the moment: {AT}; default 0")
    add_settings(parser, "use another machine")
    parser.add_argument(
        "--hold", action="store_true", help="pageq only: add PQ_HOLD, which DDB does not show"
    )
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Print the view `what` ("page", "pageq" or "sysctl") of a machine.

    The machine is a scenario's at a step; with --machine and no scenario, that machine just after boot.
    Errors: BadInput for extra words and for --hold with a view other than pageq; those of show_sysctl.
    """
    what, words = arguments.what, list(arguments.words)
    name = words.pop(0) if what == "sysctl" and words and _SYSCTL.fullmatch(words[0]) else ""
    if len(words) > 1:
        raise BadInput(f"`pageq show {what}` does not take {words[1][:40]!r}; give one scenario")
    if arguments.hold and what != "pageq":
        raise BadInput(f"--hold is only for `pageq show pageq`; remove it from `pageq show {what}`")
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
    """Return the content of a view as JSON."""
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
        loaded = load_text(
            _BARE,
            machine=arguments.machine,
            rules=arguments.rules,
            settings=read_settings(arguments),
            seed=arguments.seed,
        )
    else:
        loaded = asked_for(arguments, scenario or DEFAULT_SCENARIO)
    history = loaded.start()
    history.seek(loaded.find_step(history, arguments.at))
    return history.vm
