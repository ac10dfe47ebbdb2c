"""The question whether a page can be freed, cached, paged out, handed out or wired now."""

from __future__ import annotations

from engine.constants import NULL
from engine.debug.whynot import CONDITIONS, FUNCTIONS, check_what, page_asked
from engine.errors import BadInput
from explorer.session.session import Session
from explorer.session.typed_word import word_of
from explorer.views.verdict import ASKED


def ask_whynot(session: Session, text: str) -> None:
    """Show the lens `whynot` for `WHAT [PAGE]`, by default `free` and the inspector's page.

    Errors: BadInput for an unknown or ambiguous question, an unknown page, or if no page is shown.
    """
    what, _, page = text.strip().partition(" ")
    what = check_what(word_of(what, CONDITIONS) or what or "free")
    m = page_asked(session.history, page, session.names) if page.strip() else None
    if m is None and session.page == NULL:
        raise BadInput(f"no page is shown; use :whynot {what} PAGE, such as 0x805 or app.m")
    session.question = what, m
    session.look_through("whynot")
    page = session.labels.page(session.questioned_page)
    session.say(f"may {FUNCTIONS[what]} {ASKED[what]} {page} now?")
