"""Where the design document and the kernel's source disagree, and what a machine does about each.

Source: spec 11; DESIGN, decision 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.machine.machine import Machine
from engine.reports.differences_here import FOLLOWS, HERE
from engine.reports.differences_table import GROUPS, RULE, SETTING, SWITCH, Row


@dataclass(frozen=True)
class Difference:
    """One disagreement, as it is on one machine.

    row:     its number in spec 11.
    group:   the subject it belongs to; subject: what it is about.
    option:  what decides it, names separated by commas; None where the model always does the same.
    kind:    what sort of thing the option is: a rule option, a machine switch or a machine setting.
    setting: the option's present value, `name = value`; empty without one.
    follows: whose side the machine takes: `document`, `source`, `newer kernel` or `neither`.
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
    """Every disagreement in the order of the rows, with what the machine `vm` does."""
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
        kind=row.kind if row.options else "",
        setting=", ".join(f"{name} = {_value(vm, row.kind, name)}" for name in row.options),
        follows=FOLLOWS[row.row](vm) if row.row in FOLLOWS else row.follows,
    )


def _value(vm: Machine, kind: str, option: str) -> str:
    """The value that an option has on this machine."""
    owners = {RULE: vm.rules, SWITCH: vm.switches, SETTING: vm.config}
    value = getattr(owners[kind], option)
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
