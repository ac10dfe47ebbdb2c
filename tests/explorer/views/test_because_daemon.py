"""What a sentence says of the pageout daemon, of I/O and of faults is what the run does."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load_text
from explorer.session import stepping
from explorer.session.session import Session
from explorer.views.because_daemon import REASONS
from explorer.views.sentence import step_sentence
from tests.explorer.views.steps_walked import (
    RULES,
    Claim,
    all_walked,
    enters,
    goes_to,
    is_said_exactly_if,
    key_of,
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "phrase", "claim"),
    [
        ("vm_pageout_scan_active#1", "ends the scan", goes_to("_remove_marker#1")),
        ("vm_pageout_scan_inactive#2", "ends the scan", goes_to("_remove_marker#1")),
        ("vm_pageout_scan_inactive#2", "looks at", enters("_busy_scanned")),
        ("_unusable#1", "off its queue", enters("vm_page_unqueue_nowakeup")),
        ("_unusable#1", "may continue", enters("_still_used")),
        ("_leaves#1", "may continue", goes_to("_leaves#2")),
        ("_leaves#3", "has to deactivate", goes_to("_deactivate#1")),
        ("_still_used#1", "has to ask", goes_to("_still_used#2")),
        ("_still_used#2", "finds REFERENCED of", goes_to("pmap_ts_referenced#1")),
        ("_refresh_dirty#1", "whole page", enters("vm_page_dirty")),
        ("_reclaim_clean#1", "has to cache", enters("vm_page_cache")),
        ("_reclaim_clean#1", "has to free", enters("vm_pageout_page_free")),
        ("_second_chance#1", "gives", enters("_second_chance")),
        ("_launder#1", "may write", lambda step: "_requeue" not in step.stack),
        ("_idle#1", "starts a pass", goes_to("vm_pageout_thread#1", "")),
        ("_idle#1", "nothing to do", goes_to("tsleep#1")),
        # The emergency pager leaves the pmap alone, so its next action says nothing.
        (
            "_shortage#1",
            "deactivate 0 pages",
            lambda step: step.coming == "_shortage#3" if step.values["d"] == 0 else "te 0 pages" in step.said,
        ),
        ("_decide#1", "try again", goes_to("_try_again#1")),
        ("_free_one_cached#1", "frees no cached page", goes_to("_cache#1")),
        ("getpbuf#1", "has to wait", goes_to("tsleep_interlock#1")),
        ("biowait#1", "has to wait", goes_to("tsleep_interlock#1")),
        ("_await_primary#1", "has to wait", goes_to("tsleep#1")),
        ("_may_touch#1", "may handle", goes_to("_flush_flags#1")),
        ("_take_resident#1", "fully valid", lambda step: "find_page" not in step.stack[-1:]),
        ("_allocate#2", "may allocate", goes_to("vm_page_alloc#1")),
        ("_prepare_found#1", "has to zero", enters("vm_page_zero_invalid")),
    ],
)
def test_a_sentence_says_what_the_thread_then_does(key: str, phrase: str, claim: Claim) -> None:
    is_said_exactly_if(key, phrase, claim)


@pytest.mark.slow
def test_every_reason_is_walked_or_listed() -> None:
    taken = {step.key for step in all_walked()}
    assert REASONS.keys() - taken == {"_age#1", "_age#3", "vm_pageout_page_stats#3", "getpbuf#2"}


_AGEING = """
format = 1
title = "A daemon ages one active page"
[machine]
memory = "4 MiB"
topology = "1x1x1"
[machine.thresholds]
v_inactive_target = 100_000
[[object]]
name = "heap"
[[thread]]
name = "app"
script = '''
m = vm_page_alloc(heap, 5, VM_ALLOC_NORMAL)
{line}
vm_page_activate(m)
vm_page_wakeup(m)
vm_pageout_page_stats(m.pc)
'''
"""


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pass", "app lowers act_count of page PAGE, 5 to 4: it was not used"),
        (
            "vm_page_flag_set(m, PG_REFERENCED)",
            "app raises act_count of page PAGE, 5 to 9: it was used",
        ),
        ("vm_page_wire(m)", "app takes page PAGE off its queue: wire_count is 1, by app in step "),
    ],
)
def test_ageing_says_what_it_counted(rules: str, line: str, said: str) -> None:
    scenario = load_text(_AGEING.format(line=line), rules=rules)
    session = Session(scenario.start(), scenario)
    found = []
    while stepping.step(session):
        step = session.history.step
        stack = session.calls.stack_with_values(session.history, step)
        if stack and key_of(stack) in ("_age#1", "_age#3"):
            found.append(step_sentence(session.history, session.labels, session.calls, step))
    page = session.labels.page(session.page)
    assert found[-1].replace(page, "PAGE").startswith(said)
