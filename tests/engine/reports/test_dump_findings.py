"""What is odd about a dump: each finding where it holds, and where it nearly does."""

from __future__ import annotations

import pytest

from engine.inputs.dumps.moment import DumpMoment
from engine.inputs.dumps.reader import read_dumps
from engine.machine.sysctl import show_sysctl
from engine.reports.ddb import show_page, show_pageq, show_pageq_hold
from engine.reports.dump_findings import findings
from engine.scenario.loader import load

LAG = "the counter lags until each cpu adds its own changes, at a clock tick"
FAR = f"{LAG}, but seldom by so much"


def one(text: str) -> DumpMoment:
    """The moment that a text is."""
    (moment,) = read_dumps(text, "dump")
    return moment


def of(*texts: str) -> list[str]:
    """The findings of the last of several dumps of a machine."""
    moments = [one(text) for text in texts]
    return list(findings(moments, len(moments) - 1))


def row(queue: str, *lengths: int) -> str:
    return f"PQ_{queue}: {' '.join(map(str, lengths))}\n"


def counters(**values: int) -> str:
    return "".join(f"vmstats.{name}: {value}\n" for name, value in values.items())


def events(**values: int) -> str:
    return "".join(f"vm.stats.vm.{name}: {value}\n" for name, value in values.items())


def test_a_dump_that_says_little_has_no_findings() -> None:
    assert of(row("FREE", 0)) == of(events(v_tfree=3)) == of("hw.physmem: 17179869184\n") == []


# --- counters -----------------------------------------------------------------------------------------------


def test_a_negative_counter() -> None:
    assert of(counters(v_active_count=-3, v_wire_count=0)) == [
        f"v_active_count is -3: a number of pages below 0; {LAG}."
    ]
    assert of(counters(v_free_target=-8, v_free_min=-3)) == [
        "v_free_target is -8 and v_free_min is -3: a number of pages below 0."
    ]
    assert of(counters(v_active_count=0)) == []


def test_more_pages_on_queues_than_there_are() -> None:
    lists = row("FREE", 500, 500) + row("ACTIVE", 1, 0)
    assert of(lists + "vm.stats.vm.v_page_count: 1000\n") == [
        "The queues hold 1,001 pages, but the machine has 1,000 (v_page_count)."
    ]
    assert of(lists + "vm.stats.vm.v_page_count: 1001\n") == []
    assert of("hw.physmem: 4194304\nvm.stats.vm.v_page_count: 1025\n") == [
        "v_page_count is 1,025, but hw.physmem, 4,194,304 bytes, has room for 1,024 pages of 4 KiB."
    ]
    assert of("hw.physmem: 4194304\nvm.stats.vm.v_page_count: 1024\n") == []


def test_no_sum_of_lengths_overflows() -> None:
    most = (1 << 63) - 1
    grid = "hw.cpu_topology_phys_ids: 2\n"
    found = " ".join(of(row("FREE", most, most, 0, 0) + counters(v_page_count=5) + grid))
    assert f"The queues hold {2 * most:,} pages, but the machine has 5 (v_page_count)." in found
    assert f"socket 0 has {2 * most:,} pages in colours 0 to 1" in found


def test_a_counter_far_from_its_queues() -> None:
    assert of(row("FREE", 500, 500) + counters(v_free_count=1065)) == [
        f"v_free_count is 1,065, but the FREE queues hold 1,000 pages; {FAR}."
    ]
    assert of(row("FREE", 500, 500) + counters(v_free_count=1064)) == []
    # With much memory the cpus' pending changes are larger.
    assert of(row("INACTIVE", 500_000, 500_000) + counters(v_inactive_count=980_000)) == []
    assert len(of(row("INACTIVE", 500_000, 500_000) + counters(v_inactive_count=979_999))) == 1


def test_v_active_count_counts_held_pages_too() -> None:
    queues = row("ACTIVE", 100, 100)
    assert of(queues + counters(v_active_count=700)) == []
    assert of(queues + row("HOLD", 200, 300) + counters(v_active_count=700)) == []
    assert of(queues + row("HOLD", 100, 300) + counters(v_active_count=700)) == [
        f"v_active_count is 700, but the ACTIVE and HOLD queues hold 600 pages; {FAR}."
    ]
    assert of(queues + counters(v_active_count=135)) == [
        f"v_active_count is 135, but the ACTIVE queues hold 200 pages; {FAR}."
    ]


# --- shortage -----------------------------------------------------------------------------------------------

LOW = counters(v_free_count=60, v_cache_count=8, v_free_min=69)
FEW = "60 free pages and 8 cached are fewer than v_free_min, 69; "


def test_below_v_free_min_with_a_daemon_that_does_not_run() -> None:
    assert of(LOW) == [
        FEW + "the dump does not have v_pdwakeups, so whether the pageout daemon runs is unknown."
    ]
    assert of(LOW + events(v_pdwakeups=0)) == [
        FEW + "the pageout daemon has not run since boot (v_pdwakeups is 0)."
    ]
    assert of(LOW + events(v_pdwakeups=7)) == [
        FEW + "v_pdwakeups is 7; a second dump would show whether it still grows."
    ]
    assert of(events(v_pdwakeups=7), LOW, LOW + events(v_pdwakeups=7)) == [
        FEW + "the pageout daemon has not run since the moment before (v_pdwakeups is still 7)."
    ]


def test_a_daemon_at_work_or_enough_pages_give_no_finding() -> None:
    assert of(LOW + events(v_pdwakeups=7), LOW + events(v_pdwakeups=8)) == []
    assert of(counters(v_free_count=60, v_cache_count=9, v_free_min=69)) == []
    assert of(counters(v_free_count=60, v_free_min=69)) == []


def test_the_queues_replace_counters_that_are_missing() -> None:
    lists = row("FREE", 30, 30) + row("CACHE", 8, 0)
    assert of(lists + counters(v_free_min=69) + events(v_pdwakeups=0)) == of(LOW + events(v_pdwakeups=0))
    assert of(row("FREE", 30, 30) + "PQ_CACHE: 8 ?\n" + counters(v_free_min=69)) == []


def test_below_v_free_reserved() -> None:
    words = "fewer than v_free_reserved, 41: an ordinary allocation does not take one, and page faults wait."
    assert of(counters(v_free_count=40, v_free_reserved=41)) == [f"40 free pages are {words}"]
    assert of(counters(v_free_count=1, v_free_reserved=41)) == [f"1 free page is {words}"]
    assert of(counters(v_free_count=41, v_free_reserved=41)) == []


# --- limits -------------------------------------------------------------------------------------------------


def test_limits_that_do_not_follow_from_the_size_of_memory() -> None:
    pages = counters(v_page_count=262_144)
    assert of(pages + counters(v_free_min=1500, v_inactive_target=70_000)) == [
        "Limits differ from the kernel's rules for 262,144 pages of memory (v_page_count): v_free_min "
        "is 1,500 "
        "instead of 1,374 and v_inactive_target is 70,000 instead of at most 65,536. They can be set by "
        "sysctl."
    ]
    assert of(pages + counters(v_free_target=3000)) == [
        "Limits differ from the kernel's rules for 262,144 pages of memory (v_page_count): v_free_target is "
        "3,000 instead of 6,190 (2,748 in later kernels). They can be set by sysctl."
    ]
    assert of(counters(v_free_min=1500)) == []


def test_limits_of_both_kernels_follow_from_the_size_of_memory() -> None:
    pages = counters(v_page_count=262_144, v_free_min=1374, v_free_reserved=694, v_free_severe=687)
    small = counters(v_pageout_free_min=350, v_interrupt_free_min=178, v_inactive_target=61_440)
    old = counters(v_free_target=6190, v_cache_min=6190, v_cache_max=12_380)
    assert of(pages + small + old) == []
    assert of(pages + small + counters(v_free_target=2748, v_cache_min=0, v_cache_max=0)) == []
    # Limits of a machine of 256 Ki pages, of which boot has taken some.
    assert of(counters(v_page_count=254_000, v_free_min=1374, v_free_target=6190)) == []


# --- colours ------------------------------------------------------------------------------------------------


def test_an_empty_colour_next_to_full_ones() -> None:
    full = [20] * 32
    full[21] = 90
    assert of(row("FREE", 0, *full[1:])) == [
        "FREE: colour 0 of 32 is empty next to full ones: the 16 colours around have 19 pages each on "
        "average "
        "or more, and colour 21 has the most, 90; an allocation for an empty colour searches the "
        "colours around."
    ]
    assert of(row("ACTIVE", 0, 20, 0, 0, 0, *[30] * 11, *full[16:])) == [
        "ACTIVE: colours 0, 2, 3 and 1 more of 32 are empty next to full ones: the 16 colours around have 22 "
        "pages each on average or more, and colour 21 has the most, 90."
    ]
    # The block of 16 has fewer than 16 pages a colour on average; a block that is empty as a whole is
    # not next to full colours.
    assert of(row("FREE", 0, *[17] * 14, 16, *full[16:])) == []
    assert of(row("ACTIVE", *[0] * 16, *full[16:])) == []


def test_sockets_of_which_one_has_little_memory() -> None:
    sockets = "hw.cpu_topology_phys_ids: 2\n"
    assert of(row("FREE", 40, 40, 10, 10) + sockets) == [
        "FREE: socket 0 has 80 pages in colours 0 to 1, and socket 1 has 20 pages in colours 2 to 3; cpus of "
        "socket 1 will take pages of other sockets."
    ]
    assert of(row("FREE", 40, 40, 11, 10) + sockets) == []
    assert of(row("FREE", 40, 40, 10, 10) + "hw.cpu_topology_phys_ids: 1\n") == []


def test_parts_of_the_colours_where_the_sockets_are_unknown() -> None:
    assert of(row("FREE", 40, 40, 10, 10)) == [
        "FREE: 80 pages in colours 0 to 1, but 20 pages in colours 2 to 3; with 2 sockets, one of "
        "them has little free memory left, but the dump does not say how many sockets there are."
    ]
    assert of(row("FREE", *[40, 40, 10, 10] * 2)) == [
        "FREE: 80 pages in colours 0 to 1, but 20 pages in colours 2 to 3; with 4 sockets, one of "
        "them has little free memory left, but the dump does not say how many sockets there are."
    ]
    assert of(row("FREE", 15, 15, 0, 0)) == of(row("FREE", 40, 40, 11, 10)) == []


# --- held pages ---------------------------------------------------------------------------------------------

RELEASE = "a page that was freed while it was held stays there until its hold is released."


def test_hold_that_only_grows() -> None:
    dumps = [row("HOLD", pages, 1) for pages in (2, 3, 5, 1000)]
    assert of(*dumps) == [f"HOLD only grows: in 4 moments, the last with 3, 4, 6 and 1,001 pages; {RELEASE}"]
    assert of(*dumps[:2]) == of(*dumps, dumps[-1]) == of(*dumps, dumps[0]) == []
    assert of(*dumps, row("FREE", 2, 1)) == []


def test_hold_that_grows_within_v_active_count() -> None:
    dumps = [row("ACTIVE", 50, 50) + counters(v_active_count=100 + held) for held in (0, 65, 1130, 1195)]
    assert of(*dumps) == [
        "v_active_count exceeds the pages on the ACTIVE queues by more in each moment: by 0, 65, 1,130 "
        "and 1,195; "
        f"it counts the pages on HOLD too, whose number seems to grow; {RELEASE}"
    ]
    small = [row("ACTIVE", 50, 50) + counters(v_active_count=100 + held) for held in (0, 64, 1130)]
    assert of(*small) == []


# --- our own machines ---------------------------------------------------------------------------------------


def said_of(scenario: str) -> list[str]:
    """The findings of everything that our commands print of a scenario's start."""
    vm = load(scenario).start().vm
    return of(show_pageq(vm) + show_pageq_hold(vm) + show_page(vm) + show_sysctl(vm))


@pytest.mark.parametrize("scenario", ["life-of-a-page", "page-queues", "colour-and-home"])
def test_a_machine_after_boot_has_no_findings(scenario: str) -> None:
    assert said_of(scenario) == []


def test_a_machine_short_of_memory_has_those_that_are_true() -> None:
    assert said_of("two-cpus-two-truths") == [
        "40 free pages and 0 cached are fewer than v_free_min, 69; the pageout daemon has not run since boot "
        "(v_pdwakeups is 0).",
        "40 free pages are fewer than v_free_reserved, 41: an ordinary allocation does not take one, "
        "and page "
        "faults wait.",
    ]
