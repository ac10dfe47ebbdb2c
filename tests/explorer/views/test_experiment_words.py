"""An experiment in words: its points, how far it is, and its verdicts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.views.experiment_words import (
    Pace,
    far_words,
    marks_words,
    meaning_lines,
    next_words,
    points_words,
    progress_words,
    says_words,
    short_name,
    time_words,
    took_words,
    verdict_lines,
    verdict_words,
)
from tests.explorer.measured_by_hand import TEXT, VERDICTS, experiment, result


def test_the_points_are_the_product_of_what_is_varied() -> None:
    assert points_words(experiment()) == "12 points: 3 machine.colors x 2 cpus x 2 seed"
    assert points_words(experiment(cpus=[1], seed=[0])) == "3 points: 3 machine.colors"
    assert short_name(replace(experiment(), name="/x/y/mine.toml")) == "mine"


PROGRESS = [
    ((0, 280, 0, None), "0 of 280 points"),
    ((70, 280, 0, 60.0), "70 of 280 points, about 1 min left"),
    ((140, 280, 140, None), "140 of 280 points, 140 from the cache"),
    ((150, 280, 140, 130.0), "150 of 280 points, about 3 min left, 140 from the cache"),
    ((280, 280, 0, 0.0), "280 of 280 points"),
]


@pytest.mark.parametrize(("given", "words"), PROGRESS)
def test_progress(given: tuple[int, int, int, float | None], words: str) -> None:
    assert progress_words(*given) == words


def test_the_time_left_is_estimated_from_the_first_point_that_was_not_cached() -> None:
    pace = Pace()
    assert [pace.left(done, 30, 10, now) for done, now in ((10, 5.0), (11, 50.0), (12, 51.0))] == [None] * 3
    # 4 points in 8 s after the first one: the other 15 take 30 s.
    assert pace.left(15, 30, 10, 58.0) == 30.0


def test_times() -> None:
    assert [time_words(t) for t in (0.2, 59.4, 61, 3599, 9000)] == ["1 s", "59 s", "2 min", "60 min", "2.5 h"]
    assert [took_words(t) for t in (0.44, 62.3)] == ["0.4 s", "62 s"]


def test_how_far_it_is_and_whether_it_holds() -> None:
    found, (first, second) = result(), VERDICTS
    whole = replace(found, rows=[replace(row, ok=True) for row in found.rows])
    held = replace(whole, verdicts=(first,))
    both = replace(whole, verdicts=(first, first))
    failed = replace(whole, verdicts=(second,))
    none = replace(whole, verdicts=())
    unknown = replace(first, ok=False, known=False, note="there is no row with cpus = 2", say="")
    dark = replace(whole, verdicts=(first, unknown, unknown))
    lost = replace(found, verdicts=())
    partial = result(5)
    assert [(far_words(one), one.ok) for one in (whole, held, both, failed, dark, none, lost, partial)] == [
        ("12 points; 1 part of the claim holds, 1 does not", False),
        ("12 points; the claim holds", True),
        ("12 points; all 2 parts of the claim hold", True),
        ("12 points; the claim does not hold", False),
        ("12 points; 1 part of the claim holds, 2 were not measured", False),
        ("12 points; there is no verdict to judge", True),
        ("12 points; 1 run did not end as expected, and there is no verdict to judge", False),
        ("partial: 5 of 12 points; the verdicts are not judged", False),
    ]


def test_a_verdict_says_its_value_its_note_and_what_it_means() -> None:
    assert verdict_words(VERDICTS[1]) == "max(waited) < 3: 1,300"
    assert marks_words(VERDICTS).endswith("ok, the numbers show it; not, they refute it.")
    assert [line for line, _ in verdict_lines(VERDICTS, 44)] == [
        "ok   ratio(contended, 'machine.colors', 1,",
        "     16) >= 8: inf (x / 0)",
        "     it shows.",
        "not  max(waited) < 3: 1,300",
        "     locks are waited for.",
    ]


def test_what_was_not_measured_has_a_mark_of_its_own() -> None:
    unknown = replace(VERDICTS[1], value=None, note="there is no row with cpus = 2", say="", known=False)
    line = "--   max(waited) < 3: not measured (no row with cpus = 2)"
    assert [line for line, _ in verdict_lines((unknown,), 80)] == [line]
    assert marks_words((unknown,)).endswith("; --, it was not measured.")


def test_what_the_numbers_show_is_of_the_settings_of_the_file() -> None:
    assert says_words(experiment()) == "With 16 colours **no** lock is contended."
    first, _, says = says_words(experiment(cpus=[4])).partition("\n\n")
    assert first == "With the settings of the file (12 points) the numbers are these:"
    assert says == "With 16 colours **no** lock is contended."


def test_each_measure_is_said_in_words_or_as_it_is_computed() -> None:
    one = experiment(TEXT + '[means]\nwaited = "steps in which a cpu waited"\ncpus = "processors"\n')
    assert list(meaning_lines(one, 50)) == [
        "cpus       processors",
        "contended  run.steps",
        "waited     steps in which a cpu waited",
    ]
    assert list(meaning_lines(one, 20))[-3:] == ["waited", "  steps in which a", "  cpu waited"]


def test_what_comes_next_is_the_screen() -> None:
    words = "Next: pageq tui, then :experiment contention 'a=b c'; Enter on a row opens its run."
    assert next_words(experiment(), ["a=b c"]) == words
