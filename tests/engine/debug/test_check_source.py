"""The conditions of a function's source that decide whether control reaches a line."""

from __future__ import annotations

import inspect

from engine.debug.check_source import deciding_lines
from engine.kernel import free, tokens, wire


def texts_of(function: object, needle: str) -> list[list[str]]:
    """The source of the conditions that decide whether the first line with `needle` is reached."""
    code = function.__code__  # type: ignore[attr-defined]
    lines, first = inspect.getsourcelines(code)
    line = first + next(n for n, text in enumerate(lines) if needle in text)
    return [
        [" ".join(text.strip() for text in lines[a - first : b - first + 1]) for a, b in one]
        for one in deciding_lines(code, line)
    ]


def test_an_assertion_and_the_statements_that_would_have_left_before_it_decide() -> None:
    (asserted,) = texts_of(wire.vm_page_unwire, "kkassert(")
    assert asserted[0].startswith("kkassert(bool(vm.page.busy_count[m] & PBUSY_LOCKED)")
    raised = texts_of(wire.vm_page_unwire, "raise kpanic(")
    assert [one[0] for one in raised] == [
        "if not 0 < vm.page.wire_count[m] < 1 << 31:",
        "if vm.page.flags[m] & PG_FICTITIOUS:",
    ]


def test_a_name_leads_to_its_assignments_and_to_the_loop_around_them() -> None:
    soft = texts_of(free._refuse_unfreeable, "freeing busy page")
    assert soft[1] == [
        "if not soft and base_queue(vm, m) != PQ_FREE:",
        "soft = vm.page.busy_count[m] & PBUSY_MASK",
    ]
    (held,) = texts_of(tokens._pop, "kkassert(at >= first")
    assert "while at >= first and vm.token.object[at] != obj:" in held


def test_code_without_a_source_has_no_conditions() -> None:
    assert deciding_lines(compile("x = 1", "<nothing>", "exec"), 1) == ()
