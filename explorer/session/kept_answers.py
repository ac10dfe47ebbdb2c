"""Showing the answers that are kept, and writing them to a file for `pageq grade`."""

from __future__ import annotations

from engine.errors import BadInput
from engine.words import plural
from explorer.session.answer_file import write_answers
from explorer.session.course_progress import NO_ANSWER, CourseProgress
from explorer.session.session import Session


def tell_answers(session: Session, kept: CourseProgress) -> None:
    """Show the answers to the questions of the course, as `pageq grade` reads them."""
    answers = kept.answers()
    if not answers:
        session.say(NO_ANSWER)
        return
    lines = write_answers(answers).splitlines()
    writes = "downloads them" if session.guest else "writes them to a file"
    session.tell("", [*lines, "", f":answers FILE {writes}."], "answers")


def write_kept(session: Session, kept: CourseProgress, name: str) -> None:
    """Write the answers to a new file; with `!` after its name, replace a file that exists.

    The name of the file, without what follows the last dot, is that of the student.
    Errors: BadInput if there are none, for a name that no file can have, or a file that exists or cannot be
            written.
    """
    name, forced = name.removesuffix("!").strip(), name.endswith("!")
    answers = kept.answers()
    if not answers:
        raise BadInput(NO_ANSWER)
    path, computer = session.computer.path(name), session.computer
    content = write_answers(answers).encode("utf-8", "replace")
    try:
        done = (computer.replace if forced else computer.create)(path, content)
    except FileExistsError:
        raise BadInput(f"{name[:60]} exists already; :answers {name[:60]}! replaces it") from None
    except OSError as error:
        raise BadInput(f"{name[:60]} cannot be written: {error.strerror}; use another name") from None
    if session.guest:
        session.say(f"{done} {path.name} with {plural(len(answers), 'answer')}")
    else:
        session.say(f"{done} {plural(len(answers), 'answer')} to {name}; pageq grade {name} grades them")
