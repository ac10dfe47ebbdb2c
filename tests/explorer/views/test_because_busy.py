"""What a sentence says of a busy page is what the run does: each reason against the thread's next step."""

from __future__ import annotations

import pytest

from explorer.views import because_busy
from tests.explorer.views.steps_walked import Claim, all_walked, enters, goes_to, is_said_exactly_if


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "phrase", "claim"),
    [
        ("vm_page_busy_wait#1", "it has to wait", enters("_sleep_on_page")),
        ("vm_page_busy_wait#1", "not ", goes_to("vm_page_busy_wait#2")),
        ("vm_page_busy_try#1", "the try fails", lambda step: step.coming != "vm_page_busy_try#2"),
        ("vm_page_busy_try#2", "fails", goes_to("vm_page_busy_try#1")),
        ("vm_page_lookup_busy_wait#1", "it has to wait", enters("_sleep_on_page")),
        (
            "vm_page_lookup_busy_try#1",
            "the try fails",
            lambda step: step.coming != "vm_page_lookup_busy_try#2",
        ),
        ("vm_page_sleep_busy#1", "it has to wait", enters("_sleep_on_page")),
        ("vm_page_sbusy_try#1", "the try fails", lambda step: step.coming != "vm_page_sbusy_try#2"),
        ("_sleep_on_page#1", "sets WANTED", goes_to("_sleep_on_page#2")),
        ("_clear_locked#2", "fails", goes_to("_clear_locked#1")),
        ("vm_page_sbusy_drop#1", "the waiters are woken", goes_to("_clear_wanted#1")),
        (
            "vm_page_wakeup#1",
            "finds",
            lambda step: (" not hard-busied" in step.said) != (step.coming == "_clear_locked#1"),
        ),
    ],
)
def test_a_sentence_says_what_the_thread_then_does(key: str, phrase: str, claim: Claim) -> None:
    is_said_exactly_if(key, phrase, claim)


@pytest.mark.slow
def test_every_reason_is_walked() -> None:
    assert because_busy.REASONS.keys() <= {step.key for step in all_walked()}
