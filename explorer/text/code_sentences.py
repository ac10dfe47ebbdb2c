"""The code of a step in sentences: the function, its callers, what it has done, does now, and may do next."""

from __future__ import annotations

from collections.abc import Iterable

from engine.words import plural
from explorer.text.sentences import sentence
from explorer.views.code import CALLS, DONE, NOW, CodeLine, CodeRow


def code_sentences(row: CodeRow) -> list[str]:
    """Describe the code at the cursor."""
    lines = [sentence(f"Step {row.step:,}: {row.sentence}")]
    if ":" in row.place:
        lines.append(sentence(f"Script line {row.place}: {row.script.rstrip(':')}"))
    if not row.outline and not row.lines:
        return [*lines, *(sentence(text) for text in row.words if text and text != row.script)]
    lines.append(f"Function {row.function}{_callers(row)}.")
    lines += [sentence(f"What it does: {_lower(row.summary)}")] if row.summary else []
    lines += [sentence(f"Locks: {row.locks}")] if row.locks else []
    return [*lines, *_progress(row), *_stops(row)]


def _callers(row: CodeRow) -> str:
    """Name the callers, from the nearest one out, and the function that this one has called."""
    callers = "".join(f", called from {_caller(row, at)}" for at in reversed(range(row.frame)))
    inner = row.crumbs[row.frame + 1 :]
    return callers + (f"; it has called {inner[0]}" if inner else "")


def _caller(row: CodeRow, at: int) -> str:
    """Name a caller; a part of a kernel function has an underscore, the script's other helpers do not."""
    name = row.crumbs[at]
    return name if row.kernel[at] or name.startswith("_") else f"the script's {name}"


def outline_sentences(row: CodeRow) -> list[str]:
    """Describe the function's atomic actions, calls and branches, in the order of its source."""
    if not row.outline:
        return code_sentences(row)
    return [f"Function {row.function}:", *(_entry(row, code) for code in row.outline)]


def _entry(row: CodeRow, code: CodeLine) -> str:
    if code.kind == "branch":
        return f"Branch: {code.text}."
    kind = f"Action {code.action}" if code.action else "Call"
    state = {DONE: ", done", NOW: ", now", CALLS: ", now" if row.step else ", first"}.get(code.mark, "")
    stop = ", with a breakpoint" if code.stop else ""
    return f"{kind}: {code.text}{state}{stop}."


def _progress(row: CodeRow) -> list[str]:
    steps = [code for code in row.outline if code.kind in ("action", "call")]
    current = next((n for n, code in enumerate(steps) if code.mark in (NOW, CALLS)), -1)
    now = [code.text for code in steps[current : current + 1]] if current >= 0 else []
    done = _texts(code for code in steps if code.mark == DONE)
    following = _texts(steps[current + 1 :])
    ends = ["The script's call ends with this step."] if row.returned else []
    return [
        f"Done before: {done or 'nothing'}.",
        *(sentence(f"{'Now' if row.step else 'First'}: {text}") for text in now),
        f"Next in the source: {following or 'nothing'}.",
        *ends,
    ]


def _texts(steps: Iterable[CodeLine]) -> str:
    return "; ".join(code.text for code in steps)


def _stops(row: CodeRow) -> list[str]:
    numbers = [f"{row.function}#{code.action}" for code in row.outline if code.stop]
    return [f"{plural(len(numbers), 'breakpoint')}: {', '.join(numbers)}."] if numbers else []


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
