"""Copying a text, and saying only what is known about it.

A terminal takes a text for its clipboard with an escape sequence (OSC 52), and never says whether it did.
tmux ignores the sequence by default, but its own command takes the text into a buffer and answers.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import Any, Final

from textual.app import App

from explorer.session.session import Session

SECONDS: Final = 2.0
"""The time that tmux has for its answer."""


def copy(app: App[Any], text: str, session: Session | None = None) -> str:
    """Copy a text, and return in words where it is."""
    if session is not None and session.guest:
        app.copy_to_clipboard(text)
        return "sent to your browser's clipboard"
    if "TMUX" not in os.environ:
        app.copy_to_clipboard(text)
        return "sent to the terminal's clipboard"
    return "copied to tmux's buffer" if _load_buffer(text) else "not copied, as tmux refused"


def _load_buffer(text: str) -> bool:
    """Load tmux's buffer, with -w (tmux 3.2) its terminal's clipboard too; return whether tmux took it."""
    for options in (["-w"], []):
        with suppress(OSError, subprocess.SubprocessError):
            words = ["tmux", "load-buffer", *options, "-"]
            done = subprocess.run(
                words, input=text.encode(), capture_output=True, timeout=SECONDS, check=False
            )
            if done.returncode == 0:
                return True
    return False
