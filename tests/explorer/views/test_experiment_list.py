"""A list of experiments in lines."""

from __future__ import annotations

from engine.experiments.listing import ExperimentListing
from explorer.views.experiment_list import list_lines

ONE = ExperimentListing("contention", "Contention against colours", "queues cut contention", "Page Hash", 280)


def test_each_experiment_has_its_claim_its_points_and_its_section() -> None:
    assert list(list_lines([ONE, ExperimentListing("n", "T", "c", "", 1)], 60)) == [
        ("contention: Contention against colours", "contention"),
        ("    claim: queues cut contention", ""),
        ("    280 points; section Page Hash", ""),
        ("n: T", "n"),
        ("    claim: c", ""),
        ("    1 point", ""),
    ]


def test_a_long_line_is_wrapped() -> None:
    lines = [line for line, _ in list_lines([ONE], 24)]
    assert lines[:3] == ["contention: Contention", "    against colours", "    claim: queues cut"]
    assert max(map(len, lines)) <= 24
