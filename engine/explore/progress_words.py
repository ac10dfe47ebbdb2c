"""How far a schedule has come: nothing may ask for it where all schedules are searched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from engine.errors import BadInput
from engine.explore.model.keys import PROGRESS
from engine.scenario.loader import Scenario

_COLUMNS: Final = "|".join(name.partition(".")[2] for name in PROGRESS)
_ASKED: Final = re.compile(rf"(?:\bglobal|\bthread\s*\[.*?\])\s*\.\s*(?:{_COLUMNS})\b")


def check_progress(scenario: Scenario, texts: Iterable[str]) -> None:
    """Check that no script, and no expression of `texts`, asks how far the schedule has come.

    Errors: BadInput for one that does, with FILE:LINE if it is in the scenario's file.
    """
    for thread in scenario.form.threads:
        for number, line in enumerate(thread.script.text.split("\n"), 1):
            if wrong := _wrong(line.partition("#")[0]):
                raise BadInput(wrong, file=thread.script.file, line=thread.script.line(number))
    for one in scenario.expectations:
        if one.over and one.expression and (wrong := _wrong(one.expression.text)):
            file, _, at = one.place.rpartition(":")
            raise BadInput(wrong, file=file, line=int(at))
    for text in texts:
        if wrong := _wrong(text):
            raise BadInput(wrong)


def _wrong(text: str) -> str:
    found = _ASKED.search(text)
    if found is None:
        return ""
    why = "says how far one schedule has come, and all schedules are searched"
    return f"{found[0][:60]} {why}; remove it, or use run instead of explore"
