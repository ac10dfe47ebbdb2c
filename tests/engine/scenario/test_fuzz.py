"""Whatever a file or a script says: a scenario, or a message with its place; never anything else."""

from __future__ import annotations

import tomllib

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.errors import BadInput, CapacityError
from engine.machine.sysctl import WRITABLE
from engine.scenario.lesson_forms import OUTCOMES
from engine.scenario.library import OWN
from engine.scenario.loader import Scenario, load_text
from engine.script.verbs import Parameter, verbs

HEAD = (
    'format = 1\ntitle = "t"\n[machine]\nmemory = "1 MiB"\n[limits]\nsteps = 300\n[[object]]\nname = "heap"\n'
    '[[process]]\nname = "proc"\npid = 5\nmaps = [{object = "heap", start = 0, pages = 4}]\n'
    '[[thread]]\nname = "app"\nprocess = "proc"\n'
)
SLOW = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)


def loads(text: str) -> Scenario | None:
    """The scenario, or None for a message, which has its place."""
    try:
        return load_text(text)
    except BadInput as error:
        refused = error
    assert refused.file is not None
    assert refused.line is not None
    assert 1 <= refused.line <= text.count("\n") + 1
    return None


def quoted(script: str) -> str:
    """A script as a TOML string of one line."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    bad = "".join(escapes.get(c, c if c.isprintable() else f"\\U{ord(c):08x}") for c in script)
    return f'script = "{bad}"\n'


def runs(scenario: Scenario) -> None:
    try:
        history = scenario.start()
        outcome = scenario.run(history)
        scenario.check_expectations(history)
    except (BadInput, CapacityError):
        return
    assert outcome in {*OUTCOMES, "bound"} or outcome.startswith("panic:")


@SLOW
@given(st.text())
@example("format = 1\ntitle = 't'\nthread = [[]]")
@example("format = 1\ntitle = 't'\nthread = {}")
@example("format = 1\ntitle = 't'\nmachine = 3")
def test_any_text_as_a_file(text: str) -> None:
    loads(text)


LINES = sorted(
    {line for path in OWN.path.glob("*.toml") for line in path.read_text(encoding="utf-8").splitlines()}
)


@SLOW
@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_any_heap_of_lines_of_the_library(lines: list[str]) -> None:
    loads("format = 1\ntitle = 't'\n" + "\n".join(lines) + "\n")


@SLOW
@given(st.data())
def test_a_scenario_of_the_library_with_a_value_of_another_type(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(OWN.path.glob("*.toml"))))
    lines = path.read_text(encoding="utf-8").splitlines()
    at = data.draw(st.sampled_from([n for n, line in enumerate(lines) if " = " in line]))
    value = data.draw(
        st.sampled_from(["3", "-1", '""', '"x"', "[]", "{}", "true", "1.5", "[[1]]", "1979-05-27"])
    )
    lines[at] = f"{lines[at].split(' = ')[0]} = {value}"
    text = "\n".join(lines) + "\n"
    loads(text)


@SLOW
@given(st.text(max_size=200))
@example("x = " + "(" * 500)
@example("x = " + "-" * 5000 + "1")
@example("x = " + "1+" * 5000 + "1")
@example("if 1:\n" + " pass\nelif 1:\n" * 500 + " pass")
@example("\0")
@example("x = f'{1}'\n")
@example("x = '\\d'")
@example("x = 0777")
@example("x = 1if 2else 3")
@example("\tx = 1\n        y = 2")
@example("x = y\ny = x\nx = NULL")
def test_any_text_as_a_script(script: str) -> None:
    scenario = loads(HEAD + quoted(script))
    if scenario is not None:
        runs(scenario)


NUMBERS = [
    "0",
    "1",
    "5",
    "-1",
    "0x7fffffffffffffff",
    "-0x8000000000000000",
    "4096",
    "x",
    "PQ_FREE",
    "VM_ALLOC_NORMAL",
]
PAGES = [
    "m",
    "NULL",
    "page[0x60]",
    "page[x]",
    "page[-1]",
    "queue[FREE, x].head",
    "object[heap].page[x]",
    "m.next",
]
OBJECTS = ["heap", "NULL", "m.object", "vm_token", "object[x]", "object[0]"]


def _argument(parameter: Parameter) -> st.SearchStrategy[str]:
    if parameter.kind is None:
        names = WRITABLE if parameter.name == "sysctl_name" else ("w",)
        return st.sampled_from([f'"{name}"' for name in names])
    kinds = {"a number": NUMBERS, "a page": PAGES, "an object": OBJECTS}
    return st.sampled_from(kinds[parameter.kind.value])


@st.composite
def calls(draw: st.DrawFn) -> str:
    """A call of any verb whose arguments have the right kinds and the wrong values."""
    verb = draw(st.sampled_from(list(verbs().values())))
    words = [draw(_argument(part)) for part in verb.parameters]
    call = f"{verb.name}({', '.join(words)})"
    targets = ["m" if kind.nullable else "x" for kind in verb.results]
    stored = len(set(targets)) == len(targets) > draw(st.sampled_from([0, 9]))
    return f"{', '.join(targets)} = {call}" if stored else call


@SLOW
@given(st.lists(st.one_of(calls(), st.sampled_from(["x = x + 1", "m = page[0x60]", "m = NULL"])), max_size=8))
@example(["m = NULL", "vm_page_free(m)"])
@example(["vm_object_hold(heap)"] * 9)
@example(["emergpager()", "pagedaemon()"])
def test_any_calls_end_in_an_outcome(lines: list[str]) -> None:
    script = "\n".join(["x = 3", "m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)", *lines])
    scenario = loads(HEAD + quoted(script))
    if scenario is not None:
        runs(scenario)


EXPRESSIONS = st.recursive(
    st.sampled_from(
        [*NUMBERS[:7], "app.x", "app.m", "NULL", "heap", "vmstats.v_free_count", "global.ticks", "x y"]
    ),
    lambda inner: st.one_of(
        st.tuples(
            inner, st.sampled_from(["+", "*", "//", "%", "<<", ">>", "==", "<", "and", "or"]), inner
        ).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        inner.map(lambda part: f"not {part}"),
        inner.map(lambda part: f"page[{part}].queue"),
        inner.map(lambda part: f"queue_of({part})"),
        inner.map(lambda part: f"{part}.flags"),
        inner.map(lambda part: f"count({part})"),
        inner.map(lambda part: f"cpu[{part}].view.v_free_count"),
        inner.map(lambda part: f"holds(app, {part})"),
        inner.map(lambda part: f"object[{part}].page[{part}]"),
        inner.map(lambda part: f"hash[{part}].m"),
        inner.map(lambda part: f"PHYS_TO_VM_PAGE({part})"),
    ),
    max_leaves=6,
)
SCENARIO = load_text(HEAD + quoted("x = 3\nm = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)"))
HISTORY = SCENARIO.start()
SCENARIO.run(HISTORY)


def a_value_or_a_message(text: str) -> None:
    """Evaluate an expression: a signed 64-bit number, NULL, or a refusal."""
    try:
        value = SCENARIO.expression(text).show(HISTORY.vm)
    except BadInput:
        return
    assert value is None or -(1 << 63) <= value < 1 << 63


@SLOW
@given(EXPRESSIONS)
def test_any_expression_is_a_value_or_a_message(text: str) -> None:
    a_value_or_a_message(text)


@given(st.text(max_size=60))
def test_any_text_as_an_expression(text: str) -> None:
    a_value_or_a_message(text)


def test_a_quoted_script_reads_back() -> None:
    script = 'x = "\\"\n\té\0'
    assert tomllib.loads(quoted(script))["script"] == script
