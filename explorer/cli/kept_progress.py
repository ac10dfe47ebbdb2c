"""The progress that a command shows; a file that cannot be read is a message, and shows nothing."""

from __future__ import annotations

import sys

from engine.errors import BadInput
from engine.scenario.library import Library
from explorer.session.course_progress import CourseProgress
from explorer.session.progress import Progress
from explorer.session.progress_file import progress_path, read_progress


def kept_progress(library: Library) -> CourseProgress:
    """Return what was done in a course; nothing, with a message on stderr, if the file cannot be read."""
    try:
        return CourseProgress(library, read_progress(progress_path()))
    except BadInput as error:
        print(f"{error}; no progress is shown", file=sys.stderr)
        return CourseProgress(library, Progress())
