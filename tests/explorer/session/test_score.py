"""The score of the user's predictions."""

from __future__ import annotations

from explorer.session.score import Score


def test_a_score_counts_each_question_once() -> None:
    score = Score()
    assert (score.asked, score.right, score.short) == (0, 0, "")
    score.answers.update({(0, 4, "who?"): True, (0, 4, "why?"): False, (1, 4, "who?"): True})
    assert (score.asked, score.right, score.short) == (3, 2, "2/3")
