"""The banner at the end of a run: function, condition, page, and a hint what to do."""

from __future__ import annotations

from textual.reactive import reactive

from explorer.tui.widgets.lines import LinesPanel
from explorer.views.rows import Verdict
from explorer.views.spans import Line, padded, shortened, spread


def banner_lines(verdict: Verdict, width: int) -> list[Line]:
    """Format the end of a run and a hint: a finding in two lines and its calls, any other end in one line."""
    style = "bar-bad" if verdict.bad else "bar-good" if verdict.title == "COMPLETED" else "bar-warn"
    hint = ((f"{verdict.hint} ", style),)
    if not verdict.bad:
        return [spread(((f" {verdict.title}: {verdict.text}", style),), hint, width, style)]
    title = spread(((f" {verdict.title}", style),), hint, width, style)
    return [title, *(_filled(text, width, style) for text in (verdict.text, *verdict.calls))]


def _filled(text: str, width: int, style: str) -> Line:
    return ((padded(shortened(f" {text}", width), width), style),)


class Banner(LinesPanel):
    """Shown only while the cursor is at the end of a run that cannot continue."""

    DEFAULT_CSS = """
    Banner { height: 1; display: none; }
    Banner.-shown { display: block; }
    """

    verdict: reactive[Verdict | None] = reactive(None, layout=False, repaint=False)

    def watch_verdict(self, verdict: Verdict | None) -> None:
        """Show or hide the banner."""
        self.set_class(verdict is not None, "-shown")
        if verdict is not None:
            self.styles.height = 2 + len(verdict.calls) if verdict.bad else 1
        self.update_lines()

    def format_lines(self) -> list[Line]:
        """Return the lines of the verdict."""
        return [] if self.verdict is None else banner_lines(self.verdict, self.size.width)
