"""The design document's calls, typed as it writes them."""

from __future__ import annotations

import ast

import pytest

from engine.debug.until import first_holding
from engine.errors import BadInput
from engine.language.symbols import Kind
from engine.script.document import forms, plain_calls, without_c
from tests.engine.script.one_thread import run, scenario_of, values

PROCESSES = """
[[process]]
name = "A"
nice = 10
maps = [{object = "heap", start = 0x10000, pages = 16, prot = "rw"}]
[[process]]
name = "B"
nice = -5
"""

# Each as the document has it; the lines before it set its variables.
CALLS = [
    ("a pattern's lookup", "", 'm = vm_page_lookup_busy_wait(object, pindex, TRUE, "fault")'),
    ("an allocation", "", "m = vm_page_alloc(object, pindex, VM_ALLOC_NORMAL);"),
    (
        "the wait of a fault",
        "fault_flags = 8",
        "vm_wait_pfault(curproc, fault_flags);  /* Block if low memory */",
    ),
    ("the wait, with flags", "flags = 0", "vm_wait_pfault(curproc, flags)"),
    ("a pager", "m = vm_page_alloc(disk, 1, VM_ALLOC_NORMAL)", "error = pager_getpage(disk, &m, 1);"),
    ("valid bits", "m = vm_page_alloc(object, 0, 1)", "vm_page_set_valid(m, 0, PAGE_SIZE);"),
    (
        "a mapping",
        "m = vm_page_alloc(object, 0, 1)\nva = 0x10000\nprot = VM_PROT_READ\nwired = FALSE",
        "pmap_enter(pmap, va, m, prot, wired);",
    ),
    ("a wakeup", "m = vm_page_alloc(object, 0, 1)", "vm_page_wakeup(m);"),
    ("a token", "", "vm_object_hold(object);\nvm_object_drop(object);"),
    (
        "a busy page is skipped",
        "m = vm_page_alloc(object, 0, 1)",
        "n = vm_page_busy_try(m, TRUE) != 0",
    ),
    (
        "the daemon's write",
        "m = vm_page_alloc(object, 0, 1)\nvm_page_set_validdirty(m, 0, PAGE_SIZE)",
        "vm_pageout_clean(m);  /* Async write to backing store */",
    ),
    ("to the cache", "m = vm_page_alloc(object, 0, 1)", "vm_page_cache(m);"),
    ("deactivation", "m = vm_page_alloc(object, 0, 1)", "vm_page_deactivate(m);"),
    (
        "a driver's buffer",
        "",
        """m = vm_page_alloc_contig(
    0,                      /* low address */
    0xFFFFFFFFULL,          /* high address (4GB) */
    16,                     /* alignment */
    0,                      /* boundary (0 = none) */
    64 * 1024,              /* size */
    VM_MEMATTR_UNCACHEABLE  /* memory attribute */
);
phys_addr = VM_PAGE_TO_PHYS(m);
vm_page_free_contig(m, 64 * 1024);""",
    ),
    ("wiring", "m = vm_page_alloc(object, 0, 1)", "vm_page_wire(m);\nvm_page_unwire(m, 0);"),
    (
        "the lock order",
        "m = vm_page_alloc(object, 0, 1)\nvm_page_activate(m)",
        """vm_page_spin_lock(m);           // Lock page
_vm_page_queue_spin_lock(m);    // Then lock its queue
_vm_page_queue_spin_unlock(m);  // Unlock queue first
vm_page_spin_unlock(m);         // Then unlock page""",
    ),
    ("soft busy", "m = vm_page_alloc(object, 0, 1)", "vm_page_io_start(m);\nvm_page_io_finish(m);"),
    ("shared busy", "m = vm_page_alloc(object, 0, 1)\nvm_page_wakeup(m)", "n = vm_page_sbusy_try(m);"),
    ("a hold", "m = vm_page_alloc(object, 0, 1)", "vm_page_hold(m);\nvm_page_unhold(m);"),
    ("a lookup", "", "m = vm_page_lookup(object, pindex);"),
    (
        "a lookup that does not wait",
        "n = vm_page_alloc(object, 0, 1)\nvm_page_wakeup(n)",
        "m = vm_page_lookup_busy_try(object, pindex, TRUE, &error);",
    ),
    ("a lookup without a lock", "", "m = vm_page_hash_get(object, pindex);"),
    ("bits", "", "n = vm_page_bits(base, size);"),
    ("waits", "", "vm_wait();\nvm_wait_nominal();\nn = vm_test_nominal();"),
    ("a colour", "cpuid = 1", "pg_color = vm_get_pg_color(cpuid, object, pindex);"),
    ("macros", "pa = 0x100000", "m = PHYS_TO_VM_PAGE(pa)\nn = VM_ALLOC_CPU(1)"),
]


@pytest.mark.parametrize(("before", "call"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
def test_a_call_of_the_document_is_typed_as_written(before: str, call: str) -> None:
    script = f"object = heap\npindex = 0\nbase = 0\nsize = PAGE_SIZE\n{before}\n{call}"
    more = f'[[object]]\nname = "disk"\ntype = "vnode"\n{PROCESSES}'
    scenario = scenario_of(script.replace("\n\n", "\n"), more, process="A")
    history = scenario.start()
    assert scenario.run(history) in ("completed", "leak", "unlock_order")


def test_the_old_forms_stay() -> None:
    script = """m = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
pmap_enter(m, 1)
vm_wait_pfault()
vm_wait_pfault(0)
vm_wait(0)
n, error = vm_page_lookup_busy_try(heap, 0, TRUE)
m = vm_page_alloc_contig(0, 0xffffffff, 1, 0, PAGE_SIZE, 6)
map_page(0x10000, n or object_page, VM_PROT_READ)""".replace("n or object_page", "object[heap].page[0]")
    scenario = scenario_of(script, PROCESSES, process="A")
    history = scenario.start()
    assert scenario.run(history) in ("completed", "leak")


LOW = f"""{PROCESSES}
[machine.thresholds]
v_free_min = 200
v_free_reserved = 20
[setup]
script = '''
i = 0
while vmstats.v_free_count > 250:
    m = vm_page_alloc(NULL, i, VM_ALLOC_NORMAL)
    i += 1
    tick(1)
'''
"""


@pytest.mark.parametrize(
    ("call", "waits"),
    [
        ("vm_wait_pfault()", False),
        ("vm_wait_pfault(curproc, 0)", False),
        ("vm_wait_pfault(B)", False),
        ("vm_wait_pfault(A)", True),
        ("flags = 8\nvm_wait_pfault(A, flags)", True),
    ],
)
def test_a_fault_waits_by_the_nice_value_of_the_process_that_is_named(call: str, waits: bool) -> None:
    # 250 pages are free: enough for nice -5, too few for nice 10. Process A has no thread.
    scenario = scenario_of(call, LOW, process="B")
    history = scenario.start()
    history.extend(40)
    asleep = first_holding(history, scenario.expression("thread[app].state == SLEEPING"), 0, history.total)
    assert (asleep is not None) is waits


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "pmap_enter(pmap, 0x10000)",
            "write pmap_enter(m, writeable) or pmap_enter(pmap, va, m, prot, wired)",
        ),
        (
            "pmap_enter(heap, 1, 2, 3, 4)",
            "write pmap_enter(m, writeable) or pmap_enter(pmap, va, m, prot, wired)",
        ),
        ("vm_wait_pfault(C)", "'C' is not a variable, object or kernel constant"),
        ("vm_wait_pfault(A, 1, 2)", "wrong arguments for vm_wait_pfault; write vm_wait_pfault("),
        ("x = 1UL2", "cannot read this"),
    ],
)
def test_a_call_that_is_not_one_of_them_is_refused(script: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        scenario_of(script, PROCESSES, process="A")
    assert words in str(caught.value)


def test_a_page_table_takes_only_pages_that_the_map_has() -> None:
    script = "m = vm_page_alloc(heap, 0, 1)\npmap_enter(A, {}, m, VM_PROT_READ, 0)"
    scenario, history = run(script.format("0x10000"), PROCESSES)
    assert scenario.expression("process[A].pte[0x10] != 0 and app.m.flags & PG_MAPPED").show(history.vm)
    with pytest.raises(BadInput, match="the process's map does not have that page at 0x11000"):
        run(script.format("0x11000"), PROCESSES)
    with pytest.raises(BadInput, match="this thread belongs to no process"):
        run(script.format("0x10000").replace("(A", "(pmap"), PROCESSES)


def test_a_variable_of_the_script_goes_before_the_words_for_a_process() -> None:
    scenario, history = run("curproc = 0\nA = 1\nvm_wait_pfault(curproc, A)", PROCESSES.replace('"A"', '"P"'))
    assert history.outcome == "completed"
    assert values(scenario, history, "curproc", "A") == [0, 1]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("x = 0xFFFFFFFFULL", "x = 0xFFFFFFFF   "),
        ("x = 10u + 3L", "x = 10  + 3 "),
        ("f(a, &m, & n) & b", "f(a,  m,   n) & b"),
        ("f(&m)", "f( m)"),
        ("f(); // done", "f();        "),
        ("x = 7 // 2", "x = 7 // 2"),
        ("/* a\n b */ x", "    \n      x"),
        ('f("10UL /* no */ &m") # 5UL', 'f("10UL /* no */ &m") # 5UL'),
        ("a1UL = b & c", "a1UL = b & c"),
        ("x & y", "x & y"),
    ],
)
def test_cs_spelling_becomes_spaces_and_nothing_moves(written: str, plain: str) -> None:
    assert without_c(written) == plain
    assert len(without_c(written)) == len(written)


def test_an_argument_that_a_function_writes_is_its_second_result() -> None:
    tree = ast.parse("m = vm_page_lookup_busy_try(a, b, c, d)\nn = vm_page_lookup_busy_try(a, b, c)\nf(x, y)")
    plain_calls(tree)
    assert ast.unparse(tree).splitlines() == [
        "m, d = vm_page_lookup_busy_try(a, b, c)",
        "n = vm_page_lookup_busy_try(a, b, c)",
        "f(x, y)",
    ]
    scenario, history = run("m = vm_page_lookup_busy_try(heap, 3, TRUE, &error)")
    assert values(scenario, history, "m", "error") == [None, 0]
    assert scenario.names.variables["app"]["m"].kind is Kind.PAGE


def test_each_function_with_two_forms_lists_both() -> None:
    assert forms("vm_page_hold") == "vm_page_hold(m)"
    assert forms("vm_wait_pfault") == "vm_wait_pfault([process], [flags])"
    assert forms("pmap_enter") == "pmap_enter(m, writeable) or pmap_enter(pmap, va, m, prot, wired)"


def test_an_object_may_have_the_documents_name() -> None:
    scenario, history = run(
        "vm_object_hold(object)\nm = vm_page_alloc(object, 2, VM_ALLOC_NORMAL)\nvm_object_drop(object)\n"
        "same = object[object].page[2] == m and m.object == object",
        '[[object]]\nname = "object"\n',
    )
    assert values(scenario, history, "same") == [1]
    assert scenario.expression("object[object].page[2] == app.m").show(history.vm)
