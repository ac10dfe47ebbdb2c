"""The remarks of a step in words, and as the numbers that JSON has."""

from __future__ import annotations

import pytest

from engine.run.remarks import Effect
from explorer.session.session import Session
from explorer.views.remarks import console_lines, limits, remark_words, zeroed, zeroed_words


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (("kprintf", "low on memory!\n", "low on memory!\n"), 'the kernel prints "low on memory!"'),
        (("zero_page", 3), "zeroes page {page:#x}"),
        (("zero_area", 3, 512, 1024), "zeroes bytes 512 to 1535 of page {page:#x}"),
        (
            ("nice_limit", -5, 1180, 99),
            "compares 99 free and cached pages with 1,180, the limit for nice value -5",
        ),
        (("wakeup", 1, ()), None),
    ],
)
def test_each_kind_has_words(life: Session, effect: Effect, words: str | None) -> None:
    page = life.vm.page_number(3)
    expected = [] if words is None else [words.format(page=page)]
    assert remark_words(life.vm, [effect]) == expected


def test_the_inspector_names_the_bytes_of_its_page() -> None:
    effects: list[Effect] = [("zero_page", 3), ("zero_area", 4, 0, 512), ("zero_area", 4, 1024, 8)]
    assert [zeroed_words(effects, m) for m in (3, 4, 5)] == ["zeroed", "bytes 0-511, 1024-1031 zeroed", ""]


def test_json_has_numbers(life: Session) -> None:
    effects = [("zero_page", 3), ("zero_area", 4, 0, 512), ("nice_limit", 1, 2, 3), ("kprintf", "a\n", "a\n")]
    first = life.vm.first_page
    assert zeroed(life.vm, effects) == [[first + 3, 0, 4096], [first + 4, 0, 512]]
    assert limits(effects) == [[1, 2, 3]]
    assert console_lines(effects) == ["a"]
