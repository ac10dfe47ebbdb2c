"""What pageq left behind when it was killed while it wrote a file: removed at the next start of a session."""

from __future__ import annotations

from pathlib import Path

from explorer.commands.config import config_path
from explorer.session.saved_file import session_folder
from explorer.session.whole_file import remove_left_behind


def remove_all_left_behind() -> None:
    """Look in the folders of saved sessions and of settings, and in the current one.

    A file in another folder is removed by the next write to that folder.
    """
    for folder in (session_folder(), config_path().parent, Path()):
        remove_left_behind(folder)
