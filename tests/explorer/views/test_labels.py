"""The names on the screen: queues, pages, flags, objects, locks and sleep channels."""

from __future__ import annotations

import pytest

from engine.constants import NULL, PBUSY_NAMES, PG_NAMES, Obj, queue_name
from engine.kernel.tokens import EXCLUSIVE, SHARED, token_lock
from explorer.session.session import Session
from explorer.tui.widgets import inspector
from explorer.views.labels import BUSY, FLAGS, Labels, busy_words, flag_names, pte_words, queue_type


@pytest.mark.parametrize(
    ("q", "name"),
    [(0, "NONE"), (1, "FREE[0]"), (1024, "FREE[1023]"), (1025, "INACTIVE[0]"), (5120, "HOLD[1023]")],
)
def test_queues_have_names(q: int, name: str) -> None:
    assert queue_name(q) == name


@pytest.mark.parametrize(
    ("busy", "words"),
    [(0, "0"), (2, "soft 2"), (0x80000002, "LOCKED|soft 2"), (0xE0000000, "LOCKED|WANTED|SWAPINPROG")],
)
def test_busy_count_has_words(busy: int, words: str) -> None:
    assert busy_words(busy) == words


@pytest.mark.parametrize(
    ("pte", "words"),
    [(0, "none"), (0x40023, "page 0x40, V|RW|A"), (0x241, "page 0x0, V|M|W")],
)
def test_a_page_table_entry_has_words(pte: int, words: str) -> None:
    assert pte_words(pte) == words


def test_flags_have_names_and_unknown_bits_are_kept() -> None:
    assert flag_names(0xA0) == ["MAPPED", "REFERENCED"]
    assert flag_names(0x81) == ["REFERENCED", "0x1"]


def test_labels_without_a_scenario_fall_back_to_numbers(session: Session) -> None:
    labels = Labels(session.vm, session.history.programs)
    assert labels.object(3) == "object 3"
    assert labels.object(session.vm.vm_token) == "vm_token"
    assert labels.variable(0) == ("app", "m")


def test_the_bits_of_busy_count_are_the_three_highest() -> None:
    assert list(BUSY) == [1 << 31, 1 << 30, 1 << 29] == list(PBUSY_NAMES.values())
    assert busy_words((1 << 32) - 1) == "LOCKED|WANTED|SWAPINPROG|soft 536870911"
    assert busy_words(0) == "0"


def test_unknown_flags_are_a_number() -> None:
    assert flag_names(PG_NAMES["PG_MAPPED"] | 1 << 30) == ["MAPPED", "0x40000000"]


def test_a_queue_type_is_its_names_first_word() -> None:
    assert [queue_type(q) for q in (0, 1, 1024, 1025, 4 * 1024 + 1)] == [
        "NONE", "FREE", "FREE", "INACTIVE", "HOLD",
    ]  # fmt: skip


def test_every_flag_has_its_name_here_and_in_the_inspector() -> None:
    names = {name.removeprefix("PG_") for name in PG_NAMES}
    assert set(FLAGS.values()) == names == inspector._SHORT_FLAGS.keys()
    assert list(FLAGS) == sorted(PG_NAMES.values())


# --- of a run ---------------------------------------------------------------------------------------------


def test_a_page_has_its_physical_number_and_a_marker_its_thread(life: Session) -> None:
    labels, vm = life.labels, life.vm
    assert labels.page(vm.page_index(0xC03)) == "0xc03"
    assert labels.page(NULL) == "none"
    assert labels.page(vm.marker_base + 1) == "marker of pager"


def test_a_missing_thread_has_a_word_and_a_free_lock_is_free(life: Session) -> None:
    labels = life.labels
    assert [labels.thread(t) for t in (0, 1, NULL, 2)] == ["app", "pager", "no thread", "no thread"]
    assert [labels.owner(cell) for cell in (0, 1, 2)] == ["free", "app", "pager"]


def test_an_object_has_its_name_in_the_scenario(life: Session) -> None:
    labels = life.labels
    assert [labels.object(obj) for obj in (0, NULL, life.vm.vm_token)] == ["heap", "none", "vm_token"]
    assert labels.object(1) == "object 1"


def test_a_variable_is_shown_by_its_kind(life: Session) -> None:
    labels, names = life.labels, life.names.variables
    m, pager = names["app"]["m"].slot, names["pager"]["m"].slot
    assert [labels.variable(slot) for slot in (m, pager)] == [("app", "m"), ("pager", "m")]
    assert labels.variable_value(m, life.vm.page_index(0xC03)) == "0xc03"
    assert labels.variable_value(m, NULL) == "none"
    unknown = life.vm.variable.length - 1
    assert labels.variable(unknown) == ("script", f"variable {unknown}")
    assert labels.variable_value(unknown, 7) == "7"


def test_a_lock_is_named_after_what_it_guards(life: Session) -> None:
    labels, vm, heap = life.labels, life.vm, Obj(0)
    spin = vm.memory.address("page.spin", vm.page_index(0xC03))
    assert labels.lock(spin) == "page 0xc03"
    assert labels.lock(vm.memory.address("queue.spin", 1 + 5)) == "queue FREE[5]"
    assert labels.lock(vm.memory.address("global.contig_spin", 0)) == "vm_contig_spin"
    assert labels.lock(token_lock(heap, EXCLUSIVE)) == "token of heap"
    assert labels.lock(token_lock(heap, SHARED)) == "token of heap (shared)"
    assert labels.lock(token_lock(vm.vm_token, EXCLUSIVE)) == "vm_token"


def test_a_sleepers_channel_is_the_page_it_waits_for(life: Session) -> None:
    life.history.extend(32)  # pager sleeps on app's page
    assert life.labels.channel(life.vm.thread.chan[1]) == "page 0xc03"


def test_a_page_has_the_name_that_people_use(life: Session) -> None:
    life.history.extend(40)
    m = life.page
    assert life.labels.page_name(m) == "app.m"
    assert life.labels.page_name(m + 1) == life.labels.page(m + 1)
    assert life.labels.page_name(NULL) == "none"
