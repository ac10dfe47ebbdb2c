"""The file in which progress is kept: where it is, reading it, adding to it, starting again.

The file is replaced as a whole, and what it has is read again before each write, so that two programs add to
it in turn. Where the file system has locks, they wait for each other and nothing is lost. Elsewhere, of two
writes in the same instant, one may be lost; a program that is still open then adds all of its own work with
its next write. A file that cannot be read is renamed and never deleted; progress starts again without it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput
from engine.inputs.file_roles import PROGRESS
from engine.inputs.shapes import Shape, is_count, is_flag, is_table, is_text, list_of, or_null
from engine.inputs.wrong_file import asking_for
from explorer.session.json_file import JsonFile, read_json
from explorer.session.progress import CourseKey, FirstAnswer, Progress, Work
from explorer.session.whole_file import replace_file

FORMAT: Final = 1

LARGEST: Final = 8 << 20
"""The largest file, in bytes. All answers to the library under every seed of a year take less."""

PATIENCE: Final = 0.5
"""Seconds to wait for another program that writes the file."""


def progress_path() -> Path:
    """Return the file; it is created when something is done."""
    # Imported here, so that commands that do not need it start faster.
    from platformdirs import user_data_path  # noqa: PLC0415

    return user_data_path("pageq") / "progress.json"


# --- reading ----------------------------------------------------------------------------------------------


def read_progress(path: Path) -> Progress:
    """Read the file; empty if there is none.

    Errors: BadInput with file and line if it cannot be read, is damaged, or is of a later version.
    """
    try:
        if not path.exists():
            return Progress()
        if not path.is_file():
            raise BadInput("this is not a regular file; remove it, and pageq creates one", file=str(path))
    except OSError as error:
        raise BadInput(f"progress cannot be read: {error.strerror}", file=str(path)) from None
    with asking_for(PROGRESS, path):
        return _progress(read_json(path, LARGEST, "progress file"))


def _progress(file: JsonFile) -> Progress:
    top = file.value
    if not is_table(top) or "format" not in top:
        raise file.refuse("this is not a progress file of pageq; the file is damaged")
    if top["format"] != FORMAT or isinstance(top["format"], bool):
        words = f"format {top['format']!r:.20} is not known; this program reads format {FORMAT}"
        raise file.error("format", words)
    if top.keys() != {"format", "courses"}:
        raise file.refuse("a progress file has format and courses and nothing else; the file is damaged")
    if not list_of(is_table)(top["courses"]):
        raise file.error("courses", "courses is not a list of tables; the file is damaged")
    courses: dict[CourseKey, dict[str, Work]] = {}
    for course in top["courses"]:
        key, works = _course(file, course)
        known = courses.setdefault(key, {})
        for name, work in works.items():
            known[name] = known.get(name, Work()) | work
    return Progress(courses)


def _course(file: JsonFile, course: dict[str, Any]) -> tuple[CourseKey, dict[str, Work]]:
    _check(file, "courses", course, _COURSE)
    works = {name: _work(file, name, work) for name, work in course["scenarios"].items()}
    return CourseKey(course["path"], course["title"]), works


def _work(file: JsonFile, name: str, work: Any) -> Work:
    _check(file, name, work, _WORK)
    for answer in work["answers"]:
        _check(file, name, answer, _ANSWER)
    answers = Work(answers=tuple(FirstAnswer(**answer) for answer in work["answers"]))
    return Work(frozenset(work["pages"]), work["ended"]) | answers


def _check(file: JsonFile, key: str, part: Any, shape: dict[str, Shape]) -> None:
    if not is_table(part) or part.keys() != shape.keys():
        raise file.error(key, f"{key[:40]!r} needs {', '.join(shape)}; the file is damaged")
    for name, suits in shape.items():
        if not suits(part[name]):
            raise file.error(key, f"{key[:40]!r} has a bad {name}; the file is damaged")


_COURSE: Final[dict[str, Shape]] = {"path": is_text, "title": is_text, "scenarios": is_table}
_WORK: Final[dict[str, Shape]] = {"pages": list_of(is_count), "ended": is_flag, "answers": list_of(is_table)}
_ANSWER: Final[dict[str, Shape]] = {
    "question": is_text,
    "answer": is_text,
    "right": is_flag,
    "seed": or_null(is_count),
    "time": is_count,
}
"""The fields of FirstAnswer."""


# --- writing ----------------------------------------------------------------------------------------------


def add(path: Path, new: Progress) -> str:
    """Add what was done to the file; nothing is written if the file has it already.

    Returns: what happened to a file that could not be read; "" mostly.
    Errors: BadInput if the file cannot be written; then it is unchanged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent):
            kept, said = _readable(path)
            if (both := kept | new) != kept:
                replace_file(path, encoded(both, path))
            return said
    except OSError as error:
        why = error.strerror or str(error)
        raise BadInput(f"progress is not kept: {why}", file=str(path)) from None


def _readable(path: Path) -> tuple[Progress, str]:
    """Return what the file has; one that cannot be read is renamed."""
    try:
        return read_progress(path), ""
    except BadInput as error:
        if not path.is_file():
            raise
        aside = _rename(path, "damaged")
        return Progress(), f"{error}; it is now {aside.name}, and progress starts again"


def _rename(path: Path, why: str) -> Path:
    """Rename the file to the next free `progress-WHY-N.json`, and return that."""
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.stem}-{why}-{number}.json")):
        number += 1
    return path.rename(aside)


def forget(path: Path, course: CourseKey) -> Path | None:
    """Start a course again: rename the file, and write the progress of the other courses, if any.

    Returns: the renamed file; None if there is no progress in the course.
    Errors: BadInput if the file cannot be read or written.
    """
    if not read_progress(path).of(course):
        return None
    try:
        with _alone(path.parent):
            others = read_progress(path).without(course)
            content = encoded(others, path)
            aside = _rename(path, "forgotten")
            if others.courses:
                replace_file(path, content)
            return aside
    except OSError as error:
        raise BadInput(f"progress cannot be renamed: {error.strerror}", file=str(path)) from None


def encoded(progress: Progress, path: Path) -> bytes:
    """Return the content of the file, one line a scenario.

    Errors: BadInput if it is larger than a file may be.
    """
    courses = ",\n".join(_course_text(key, works) for key, works in sorted(progress.courses.items()))
    content = f'{{"format": {FORMAT}, "courses": [\n{courses}\n]}}\n'.encode("utf-8", "replace")
    if len(content) > LARGEST:
        words = f"progress is not kept: the file would be larger than {LARGEST:,} bytes"
        raise BadInput(f"{words}; pageq course --forget starts again", file=str(path))
    return content


def _course_text(key: CourseKey, works: Any) -> str:
    scenarios = ",\n".join(f"{_json(name)}: {_json(_table(work))}" for name, work in sorted(works.items()))
    head = f'"path": {_json(key.path)}, "title": {_json(key.title)}'
    return f'{{{head}, "scenarios": {{\n{scenarios}\n}}}}'


def _table(work: Work) -> dict[str, Any]:
    # asdict would copy every value, which takes ten times as long.
    answers = [vars(answer) for answer in work.answers]
    return {"pages": sorted(work.pages), "ended": work.ended, "answers": answers}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- one writer at a time ---------------------------------------------------------------------------------


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other programs from writing the file meanwhile; the lock is on the folder, so it leaves no file.

    Errors: OSError if another program keeps the lock.
    """
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ImportError:
        yield
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise OSError(None, "another pageq is writing the file") from None
                time.sleep(0.01)
            except OSError:
                break  # this file system has no locks
        yield
    finally:
        os.close(number)
