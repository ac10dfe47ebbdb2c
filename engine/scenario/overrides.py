"""What a scenario runs under: the machine, rules and schedule of its file, or those given instead."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BadInput
from engine.inputs.file_roles import SCHEDULE
from engine.inputs.machine_name import read_machine
from engine.inputs.wrong_file import asking_for
from engine.machine.machine import Capacity, MachineConfig
from engine.machine.rules import Rules, read_rules
from engine.machine.topology import Hardware
from engine.run.interrupt import BIODONE
from engine.run.opening import BOOT
from engine.run.schedule import Scheduler, Written, read_written
from engine.scenario.counters import Moments, read_counters
from engine.scenario.format import ScenarioForm
from engine.scenario.machine_form import MachineForm
from engine.scenario.settings import Settings, of_the_run, rule_options, sets_hardware, split_rules
from engine.scenario.threads import threads_of


@dataclass(frozen=True)
class Given:
    """The overrides of a file, in increasing precedence: machine, rules, seed, settings.

    before: the machine if settings change its memory or processors; it is then applied before them.
    """

    machine: str | None
    before: str | None
    rules: str | None
    schedule: str | None
    settings: Settings
    seed: int | None

    @classmethod
    def of(
        cls,
        machine: str | None,
        rules: str | None,
        schedule: str | None,
        settings: Settings,
        seed: int | None = None,
    ) -> Given:
        """Return the overrides that a caller of `load` gives."""
        set_rules, keys = split_rules(settings)
        before = machine if sets_hardware(keys) else None
        return cls(machine, before, rules if set_rules is None else set_rules, schedule, keys, seed)


class RunHardware:
    """The hardware of a run: that of the machine that is given, or else the file's; it is read once.

    path: the scenario file, for the files to which it refers.
    """

    def __init__(self, given: Given, path: Path) -> None:
        self._machine = given.machine if given.before is None else None
        self._path = path
        self._found: Hardware | None = None
        self._moments: Moments | None = None

    def of(self, form: MachineForm) -> Hardware:
        """Return the hardware; form: [machine] of the file.

        Errors: BadInput if the machine cannot be read.
        """
        if self._found is None:
            if self._machine is None:
                self._found = form.describe(self._path, self.moments(form))
            else:
                self._found = read_machine(self._machine)
        return self._found

    def moments(self, form: MachineForm) -> Moments:
        """Return what the dump of the key `counters` says; () without one. It is read once.

        Errors: BadInput if it cannot be read.
        """
        if self._moments is None:
            self._moments = () if form.counters is None else read_counters(form.counters, self._path.parent)
        return self._moments


def config_of(
    form: ScenarioForm, variables: int, given: Given, daemons: bool, hardware: RunHardware, places: int = 0
) -> MachineConfig:
    """Return the configuration of the machine.

    variables: the number of its scripts' variables.
    daemons:   whether the clock ticks for a pageout daemon unless the file says otherwise.
    places:    how many pages its reference strings touch.
    Errors: BadInput if the machine or the rules cannot be read, or do not fit.
    """
    default = Capacity()
    capacity = Capacity(
        max(default.objects, len(form.objects) + default.objects // 2),
        max(default.threads, len(form.threads) + len((BIODONE, BOOT)) + default.threads // 2),
        max(default.variables, variables),
        processes=max(default.processes, len(form.processes)),
        map_entries=max(default.map_entries, 4 * sum(len(part.maps) for part in form.processes)),
        places=places,
    )
    found, moments = hardware.of(form.machine), hardware.moments(form.machine)
    return form.machine.config(found, _rules(form, given), capacity, daemons, moments)


def _rules(form: ScenarioForm, given: Given) -> Rules:
    """Return the rules of the run: rules that are given name every option, so the file's do not count.

    Errors: BadInput if they cannot be read, or do not fit.
    """
    if given.rules is None:
        try:
            return own_rules(form)
        except BadInput as error:
            raise form.machine.error(error.message) from None
    by_hand = rule_options(given.settings)
    options = {name: value for name, value in form.machine.options.items() if name in by_hand}
    return read_rules(given.rules).with_options(options)


def not_own(
    form: ScenarioForm, config: MachineConfig, machine: str | None, settings: Settings
) -> tuple[str, ...]:
    """What of a run is not the file's, of `rules`, `machine` and `settings`; parameters do not count."""
    differs = {
        "rules": config.rules != own_rules(form),
        "machine": machine is not None,
        "settings": bool(of_the_run(settings)),
    }
    return tuple(what for what, is_other in differs.items() if is_other)


def own_rules(form: ScenarioForm) -> Rules:
    """Return the rules that the file itself sets."""
    return read_rules(form.rules).with_options(form.machine.options)


def own_schedule(form: ScenarioForm) -> Scheduler:
    """Return the schedule that the file itself sets."""
    return schedule_of(form, None)


def schedule_of(form: ScenarioForm, given: str | None) -> Scheduler:
    """Return the schedule that is given, or else the file's.

    Errors: BadInput for a schedule that cannot be read, and for a thread that it may not name.
    """
    script = form.schedule
    if given is not None:
        written = Written(given, typed=True)
    elif script is not None:
        written = Written(script.text, script.file, script.at)
    else:
        written = Written("")
    file = given[1:] if given is not None and given.startswith("@") else None
    with nullcontext() if file is None else asking_for(SCHEDULE, file):
        schedule = read_written(written)
        schedule.check_names([thread.name for thread in threads_of(form)])
    if form.machine.stepped_boot:
        schedule.check_unnamed(BOOT, "it runs before the schedule begins; remove this item")
    return schedule
