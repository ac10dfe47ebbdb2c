"""Removing the files that a killed process did not finish: at the start of a session."""

from __future__ import annotations

from pathlib import Path

from explorer.commands.config import config_path
from explorer.session.saved_file import session_folder
from explorer.session.whole_file import remove_left_behind


def remove_all_left_behind() -> None:
    """Remove them from the folders of saved sessions and settings, and from the current one.

    A file in another folder is removed by the next write to that folder.
    """
    for folder in (session_folder(), config_path().parent, Path()):
        remove_left_behind(folder)
