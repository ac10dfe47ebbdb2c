"""Showing the answers that are kept, and writing them to a file for `pageq grade`."""

from __future__ import annotations

from engine.errors import BadInput
from engine.words import plural
from explorer.session.answer_file import write_answers
from explorer.session.course_progress import NO_ANSWER, CourseProgress
from explorer.session.session import Session
from explorer.session.whole_file import create_file, replace_file, user_path


def tell_answers(session: Session, kept: CourseProgress) -> None:
    """Show the answers to the questions of the course, as `pageq grade` reads them."""
    answers = kept.answers()
    if not answers:
        session.say(NO_ANSWER)
        return
    lines = write_answers(answers).splitlines()
    session.tell("", [*lines, "", ":answers FILE writes them to a file."], "answers")


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
    path = user_path(name)
    content = write_answers(answers).encode("utf-8", "replace")
    try:
        (replace_file if forced else create_file)(path, content)
    except FileExistsError:
        raise BadInput(f"{name[:60]} exists already; :answers {name[:60]}! replaces it") from None
    except OSError as error:
        raise BadInput(f"{name[:60]} cannot be written: {error.strerror}; use another name") from None
    session.say(f"wrote {plural(len(answers), 'answer')} to {name}; pageq grade {name} grades them")
