"""Differences between the design document and the kernel's source, and the behaviour of a machine.

Source: spec 11; DESIGN, decision 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.machine.machine import Machine
from engine.reports.differences_here import FOLLOWS, HERE
from engine.reports.differences_table import GROUPS, NOTE, RULE, SETTING, SWITCH, Row


@dataclass(frozen=True)
class Difference:
    """A difference, with its state on one machine.

    row:     its number in spec 11.
    group:   the subject area; subject: the topic within it.
    option:  names of the options that select the behaviour, separated by commas; None if it is fixed.
    kind:    the kind of the option: a rule option, a machine switch or a machine setting; `note` if the
             document does not say it; else empty.
    setting: the current value, `name = value`; empty without an option.
    follows: what the machine follows: `document`, `source`, `newer kernel` or `neither`.
    """

    row: int
    group: str
    subject: str
    document: str
    source: str
    here: str
    option: str | None
    kind: str
    setting: str
    follows: str


def differences(vm: Machine) -> tuple[Difference, ...]:
    """Return every difference by row number, with the behaviour of the machine `vm`."""
    found = [_on(vm, group, row) for group, rows in GROUPS.items() for row in rows]
    return tuple(sorted(found, key=lambda difference: difference.row))


def _on(vm: Machine, group: str, row: Row) -> Difference:
    return Difference(
        row=row.row,
        group=group,
        subject=row.subject,
        document=row.document,
        source=row.source,
        here=HERE[row.row](vm) if row.here is None else row.here,
        option=", ".join(row.options) or None,
        kind=row.kind if row.options or row.kind == NOTE else "",
        setting=", ".join(f"{name} = {_value(vm, row.kind, name)}" for name in row.options),
        follows=FOLLOWS[row.row](vm) if row.row in FOLLOWS else row.follows,
    )


def _value(vm: Machine, kind: str, option: str) -> str:
    """Return the value of an option on this machine."""
    owners = {RULE: vm.rules, SWITCH: vm.switches, SETTING: vm.config}
    value = getattr(owners[kind], option)
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
