"""The result of a point."""

from __future__ import annotations

from engine.experiments.measured import Measured, failed


def test_a_failed_point_has_every_measure_and_says_why() -> None:
    texts = (("steps", "run.steps"), ("free", "count(FREE)"))
    assert failed(texts, "lost", "why") == Measured(
        {"steps": None, "free": None}, ("lost: why",), "lost", False
    )
