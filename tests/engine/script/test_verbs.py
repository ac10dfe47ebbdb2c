"""The verbs: their parameters and results; no number as an argument causes a traceback."""

from __future__ import annotations

import re

import pytest

from engine.constants import NULL, PQ_CACHE, PQ_FREE, VM_ALLOC_CPU_SPEC, VM_ALLOC_NORMAL, Obj, Thread
from engine.errors import BadInput, CapacityError, KernelPanic
from engine.kernel.alloc import vm_page_alloc
from engine.kernel.objects import vm_object_hold
from engine.language.symbols import Kind
from engine.language.values import Place
from engine.run.call import call
from engine.run.program import KernelFunction
from engine.run.suspended import Live, kernel_calls
from engine.script.binding import bind
from engine.script.verbs import Parameter, Verb, tick, verbs
from tests.engine.scenario.small_scenarios import sentences
from tests.engine.script.one_thread import HEAD, actions, run, values
from tests.engine.script.one_thread import scenario_of as thread_of
from tests.engine.script.test_process_verbs import scenario_of

STEPS = 400
"""How far a call is followed: a loop over many pages is left."""

NUMBERS = [
    pytest.param(verb, at, id=f"{verb.name}-{parameter.name}")
    for verb in verbs().values()
    for at, parameter in enumerate(verb.parameters)
    if parameter.range is not None
]
"""Every argument but strings, and the value of a sysctl, which has a range by its name."""

POWERS = (0, 8, 16, 31, 32, 47, 62, 63, 64, 70)
EDGES = sorted({sign * (1 << power) + by for power in POWERS for sign in (1, -1) for by in (-1, 0, 1)})


class Bench:
    """A machine with a process, a busied page and a held object, as it was before each call."""

    def __init__(self) -> None:
        self.vm = scenario_of(("a", 0, "A", "x = 1")).start().vm
        call(self.vm, vm_object_hold, Obj(0))
        self.page = call(self.vm, vm_page_alloc, Obj(0), 3, VM_ALLOC_NORMAL)
        self.cells = self.vm.memory.array.copy()

    def usual(self, parameter: Parameter) -> int:
        """A value of an argument that is as good as any other."""
        if parameter.kind is Kind.PAGE:
            return self.page
        if parameter.range is None:
            return 0
        least, greatest = parameter.range.limits(self.vm)
        allowed = range(max(0, least), greatest + 1)
        return next(value for value in allowed if parameter.problem(self.vm, value) is None)

    def bound(self, verb: Verb) -> KernelFunction:
        """The verb as line 7 of f.toml calls it, any strings given."""
        texts = {at: "text" for at, parameter in enumerate(verb.parameters) if parameter.kind is None}
        return bind(verb, Place("f.toml", 7), texts, may_hold=True)

    def follow(self, verb: Verb, at: int, value: int) -> str:
        """The first steps of a call with one argument chosen; why it was refused, or ""."""
        self.vm.memory.array[:] = self.cells
        self.vm.curthread, self.vm.mycpu = Thread(0), self.vm.cpus[0]
        arguments = [
            value if place == at else self.usual(parameter)
            for place, parameter in enumerate(verb.parameters)
            if parameter.kind is not None
        ]
        try:
            for _ in zip(range(STEPS), self.bound(verb)(self.vm, *arguments), strict=False):
                pass
        except BadInput as error:
            return str(error)
        except (KernelPanic, CapacityError):
            pass
        self.vm.effects.clear()
        if at == 0:  # the memory can still be read; to see it for one argument of each call is enough
            self.vm.memory.digest()
        return ""


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench()


def test_every_number_has_a_range_but_the_value_of_a_sysctl() -> None:
    unlimited = {
        (verb.name, parameter.name)
        for verb in verbs().values()
        for parameter in verb.parameters
        if parameter.kind is not None and parameter.range is None
    }
    assert unlimited == {("sysctl", "value")}


@pytest.mark.parametrize(
    ("name", "parameter", "least", "greatest"),
    [
        ("vm_page_select_cache", "index", 0, (1 << 16) - 1),
        ("vm_page_list_find", "index", -(1 << 31), (1 << 31) - 1),
        ("vm_page_busy_try", "also_m_busy", -(1 << 31), (1 << 31) - 1),
        ("vm_page_insert", "pindex", -(1 << 63), (1 << 63) - 1),
        ("vm_page_alloc_contig", "alignment", -(1 << 63), (1 << 63) - 1),
        ("vm_page_flag_set", "bits", -(1 << 31), (1 << 32) - 1),
        ("vm_pageout_page", "max_launder", -(1 << 62), (1 << 62) - 1),
        ("vm_page_alloc", "page_req", 0, (1 << 32) - 1),
        ("vm_get_pg_color", "cpu", 0, 1),
        ("vm_page_queues_spin_lock", "q", 1, 5120),
        ("vm_wait_pfault", "process", NULL, 63),
        ("lwkt_gettoken", "mode", 1, 2),
        ("map", "prot", 0, 7),
        ("tick", "n", 1, 100_000),
        ("fork", "child", 1, 99_999),
    ],
)
def test_the_range_is_that_of_the_kernel_s_type(
    name: str, parameter: str, least: int, greatest: int, bench: Bench
) -> None:
    found = {own.name: own.range for own in verbs()[name].parameters}[parameter]
    assert found is not None
    assert found.limits(bench.vm) == (least, greatest)


@pytest.mark.parametrize(("verb", "at"), NUMBERS)
def test_a_value_outside_an_argument_s_range_is_refused_with_its_place(
    verb: Verb, at: int, bench: Bench
) -> None:
    parameter = verb.parameters[at]
    assert parameter.range is not None
    least, greatest = parameter.range.limits(bench.vm)
    for value in (least - 1, greatest + 1, -(1 << 70), 1 << 70):
        shown = re.escape(f"{value:{parameter.range.style}}")
        words = rf"f\.toml:7: {verb.name}: {parameter.name} = {shown} (is|names) no.*; .+"
        assert re.fullmatch(words, bench.follow(verb, at, value))


@pytest.mark.parametrize(("verb", "at"), NUMBERS)
def test_the_first_and_the_last_of_a_range_are_possible(verb: Verb, at: int, bench: Bench) -> None:
    parameter = verb.parameters[at]
    assert parameter.range is not None
    least, greatest = parameter.range.limits(bench.vm)
    if parameter.range.fits is not None or parameter.range.transient:
        least = greatest = bench.usual(parameter)
    for value in (least, greatest):
        assert f" {parameter.name} = " not in bench.follow(verb, at, value)


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "at"), NUMBERS)
def test_no_number_ends_in_a_traceback(verb: Verb, at: int, bench: Bench) -> None:
    for edge in EDGES:
        assert re.match(r"f\.toml:7: .+; .+|$", bench.follow(verb, at, edge))


@pytest.mark.parametrize(
    ("name", "at", "possible", "refused"),
    [
        ("vm_page_list_find", 0, PQ_CACHE, PQ_FREE + 5),
        ("vm_page_alloc", 2, VM_ALLOC_CPU_SPEC | 1 << 16, VM_ALLOC_CPU_SPEC | 2 << 16),
        ("vm_page_grab", 2, VM_ALLOC_CPU_SPEC | 1 << 16, VM_ALLOC_CPU_SPEC | 2 << 16),
        ("pmap_object_init_pt", 1, 1, 2),
    ],
)
def test_a_number_within_the_limits_that_the_machine_does_not_have_is_refused(
    name: str, at: int, possible: int, refused: int, bench: Bench
) -> None:
    words = f" {verbs()[name].parameters[at].name} = "
    assert words not in bench.follow(verbs()[name], at, possible)
    assert words in bench.follow(verbs()[name], at, refused)


def test_a_map_entry_is_checked_in_the_call_s_first_step(bench: Bench) -> None:
    bench.vm.memory.array[:] = bench.cells
    steps = bench.bound(verbs()["pmap_object_init_pt"])(bench.vm, 0, 1, 0, 0)
    assert next(steps) == "find the entry's top object"
    bench.vm.map_entry.used[1] = 0
    with pytest.raises(BadInput, match=r"f.toml:7: pmap_object_init_pt: entry = 1 is not in use; "):
        next(steps)


@pytest.mark.parametrize("name", ["vm_page_hold", "vm_page_next", "vm_object_drop", "lwkt_trytoken"])
def test_a_null_that_a_function_looks_into_is_a_panic(name: str, bench: Bench) -> None:
    with pytest.raises(KernelPanic, match="is NULL"):
        list(bench.bound(verbs()[name])(bench.vm, NULL))


@pytest.mark.parametrize("value", [-(1 << 31) - 1, 1 << 31, "1 << 62", "1 << 70", -(1 << 70), 1 << 70])
@pytest.mark.parametrize("form", ['sysctl("vm.page_free_hysteresis", {})', "vm_wait({})", "tick({})"])
def test_a_number_of_any_size_is_refused_with_its_place(form: str, value: object) -> None:
    def play() -> None:
        scenario = scenario_of(("a", 0, "", form.format(value)))
        scenario.run(scenario.start())

    with pytest.raises(BadInput, match=r"scenario:\d+: (.+; .+|.+ overflows: .+)"):
        play()


def test_every_verb_has_a_summary_and_declared_results() -> None:
    assert {
        "vm_page_alloc",
        "vm_page_free",
        "vm_object_hold",
        "lwkt_gettoken",
        "vmstats_rollup",
        "tick",
    } <= set(verbs())
    assert all(verb.summary.endswith((".", ":")) or verb.summary for verb in verbs().values())
    assert verbs()["vm_page_set_valid"].form == "vm_page_set_valid(m, base, size)"
    assert not any(name.startswith("_") for name in verbs())


def test_a_sysctl_sets_a_limit_that_each_cpu_sees_when_it_next_copies_it() -> None:
    script = (
        'sysctl("vm.v_free_min", 77)\na, b = vmstats.v_free_min, cpu[0].view.v_free_min\n'
        "tick()\nc = cpu[0].view.v_free_min"
    )
    scenario, history = run(script)
    assert values(scenario, history, "a", "b", "c") == [77, 68, 77]
    assert actions(history)[0] == "write the sysctl"


@pytest.mark.parametrize(
    ("script", "words"),
    sentences(
        ("an unknown name", 'sysctl("vm.v_free_mim", 1)', "did you mean vm.v_free_min"),
        ("one that can only be read", 'sysctl("vm.stats.vm.v_tfree", 1)', "is read-only"),
        ("a name that is not a string", "sysctl(1, 1)", "write sysctl(sysctl_name, value)"),
    ),
)
def test_a_sysctl_that_cannot_be_set_is_refused_when_the_script_is_read(script: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        thread_of(f"pass\n{script}")
    assert caught.value.line == HEAD.count("\n") + 6
    assert words in str(caught.value)


RESULTS = [
    ("vm_page_alloc", (Kind.PAGE,)),
    ("vm_page_lookup_busy_try", (Kind.PAGE, Kind.NUMBER)),
    ("vm_page_busy_try", (Kind.NUMBER,)),
    ("vm_page_wakeup", ()),
    ("vm_page_count_severe", (Kind.NUMBER,)),
]


@pytest.mark.parametrize(("name", "results"), RESULTS, ids=[row[0] for row in RESULTS])
def test_a_verbs_results_follow_its_annotation(name: str, results: tuple[Kind, ...]) -> None:
    assert verbs()[name].results == results


def test_a_parameter_follows_its_annotation() -> None:
    obj, pindex, page_req = verbs()["vm_page_alloc"].parameters
    assert [own.kind for own in (obj, pindex, page_req)] == [Kind.OBJECT, Kind.NUMBER, Kind.NUMBER]
    assert not obj.dereferenced  # vm_page_alloc takes NULL
    assert verbs()["vm_page_wakeup"].parameters[0].dereferenced
    assert not pindex.dereferenced
    *_, message = verbs()["vm_page_busy_wait"].parameters
    assert (message.name, message.kind, message.optional) == ("wmesg", None, True)
    assert verbs()["vm_page_busy_wait"].form == "vm_page_busy_wait(m, also_m_busy, [wmesg])"


def test_a_verb_knows_whether_it_takes_a_process_or_a_token() -> None:
    found = {name: (verb.as_process, verb.takes_pid, verb.takes_token) for name, verb in verbs().items()}
    assert found["read"] == (True, True, False)
    assert found["vm_object_hold"] == (False, False, True)
    assert found["vm_page_alloc"] == found["vm_page_wakeup"] == (False, False, False)


def test_functions_that_are_useless_to_scripts_are_not_verbs() -> None:
    offered = set(verbs())
    assert offered.isdisjoint(
        {"vm_pageout_flush", "vm_pageout_thread", "lwkt_relalltokens", "vm_map_madvise"}
    )
    assert {name for name, verb in verbs().items() if verb.daemon} == {"pagedaemon", "emergpager"}


def test_a_plain_predicate_is_a_call_of_one_step_under_its_own_name(bench: Bench) -> None:
    live = Live(0, 0)
    live.prime(verbs()["vm_page_count_severe"].function(bench.vm))
    assert (live.action, kernel_calls(live.stack())) == ("look and decide", ("vm_page_count_severe",))
    with pytest.raises(StopIteration) as end:
        live.advance(None)
    assert end.value.value is False


def test_a_tick_gives_the_cpu_back(bench: Bench) -> None:
    bench.vm.memory.array[:] = bench.cells
    before = bench.vm.glob.ticks[0]
    bench.vm.mycpu = bench.vm.cpus[0]
    list(tick(bench.vm, 3))
    assert (bench.vm.glob.ticks[0], bench.vm.mycpu) == (before + 3, 0)
