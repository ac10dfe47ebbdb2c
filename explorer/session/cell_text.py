"""Cells as a user may type them: `app.m.queue` is a field of the page that the variable holds."""

from __future__ import annotations

import re
from typing import Final

from engine.debug.whynot import page_asked
from engine.language.resolve import TABLES
from explorer.session.session import Session

_FIELD: Final = re.compile(r"\s*(([A-Za-z_]\w*)\.[A-Za-z_]\w*)\.(\w+)", re.ASCII)


def cell_text(session: Session, text: str) -> str:
    """Return the text with `THREAD.VARIABLE.FIELD` at its start replaced by `page[N].FIELD`.

    N is the page that the variable holds at the cursor. Other text stays.
    Errors: BadInput if the variable does not hold a page at the cursor.
    """
    found = _FIELD.match(text)
    if found is None or found[2] not in session.names.variables or found[3] not in TABLES["page"].specs():
        return text
    m = page_asked(session.history, found[1], session.names)
    return f"page[{session.vm.page_word(m)}].{found[3]}{text[found.end() :]}"
