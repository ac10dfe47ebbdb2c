"""Cells as a user may type them: `app.m.queue` and `heap[0].queue` are fields of the page that is named."""

from __future__ import annotations

import re
from typing import Final

from engine.debug.whynot import page_asked
from engine.errors import BadInput
from engine.language.expressions import compile_expression
from engine.language.resolve import TABLES
from engine.language.symbols import Kind, Names
from engine.run.history import History

_PAGE: Final = re.compile(
    r"\s*(([A-Za-z_]\w*)(?:\.[A-Za-z_]\w*|\[[^\[\]]*\])+?)(?:\.(\w+))?(?=\s|$)", re.ASCII
)
"""The name of a page, its first word, and a field."""


def cell_text(history: History, names: Names, text: str) -> str:
    """Return the text with a field of a named page at its start replaced by `page[N].FIELD`.

    A page is named as on the screen: `THREAD.VARIABLE` or `OBJECT[PINDEX]`; also `OBJECT.page[PINDEX]`. N is
    the page that has this name at the cursor. Other text stays.
    Errors: BadInput if there is no page of that name at the cursor, or if the field is missing.
    """
    found = _PAGE.match(text)
    if found is None or not _may_be_page(names, found[2]):
        return text
    page, field = found[1], found[3]
    if not names_page(names, page) or (field is None and page.startswith("object")):
        return text  # object[heap].page[0] is a cell as well
    if field is None:
        raise BadInput(f"{page} is a page; name a field of it, as in {page}.queue")
    if field not in TABLES["page"].specs():
        raise BadInput(f"{field!r} is not a field of page; use one of {', '.join(TABLES['page'].specs())}")
    m = page_asked(history, page, names)
    return f"page[{history.vm.page_word(m)}].{field}{text[found.end() :]}"


def _may_be_page(names: Names, word: str) -> bool:
    return word == "object" or word in names.variables or (word in names.objects and word not in TABLES)


def names_page(names: Names, text: str) -> bool:
    """Whether the text is an expression whose value is a page, such as `app.m` or `heap[3]`."""
    try:
        return compile_expression(text, names).kind is Kind.PAGE
    except BadInput:
        return False
