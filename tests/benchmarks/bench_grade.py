"""The cost of grading a class: 1,000 students with 50 answers each, in one file and in a file each."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from engine.scenario.library import OWN
from engine.scenario.loader import load
from explorer.cli.entry import main
from explorer.session.answer_file import GivenAnswer, write_answers

STUDENTS, ANSWERS = 1_000, 50
TARGET = 10.0
"""Seconds."""


def class_answers() -> Iterator[list[GivenAnswer]]:
    """The answers of each student: random choices of random questions; half of the students have a seed."""
    questions = [(name, one) for name in OWN.names for one in load(name).questions]
    dice = random.Random(1)
    for number in range(STUDENTS):
        seed = number if number % 2 else None
        yield [
            GivenAnswer(f"Student {number}", seed, name, one.id, dice.choice(one.choices))
            for name, one in dice.sample(questions, ANSWERS)
        ]


def graded(*words: str) -> float:
    """The seconds that a command takes."""
    begin = time.perf_counter()
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        code = main(["grade", *words])
    assert code == 1
    return time.perf_counter() - begin


def measure() -> list[dict[str, Any]]:
    """Return one row per figure."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        students = list(class_answers())
        one, folder = Path(place, "class.txt"), Path(place, "class")
        one.write_text(write_answers(answer for answers in students for answer in answers), "utf-8")
        folder.mkdir()
        for number, answers in enumerate(students):
            Path(folder, f"student-{number}.txt").write_text(write_answers(answers), "utf-8")
        for name, words in {
            "one file, text": (str(one),),
            "1,000 files, text": (str(folder),),
            "1,000 files, json": (str(folder), "--json"),
        }.items():
            seconds = round(graded(*words), 3)
            row = {"name": f"grade 1,000 x 50 answers, {name}", "median": seconds, "unit": "s"}
            rows.append({**row, "target": TARGET, "ratio": round(seconds / TARGET, 3)})
    return rows
