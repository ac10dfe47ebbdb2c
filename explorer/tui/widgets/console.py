"""The message line, which becomes the console while you type a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.strip import Strip
from textual.suggester import SuggestFromList
from textual.widgets import Input

from explorer.commands.completion import Completion
from explorer.tui.widgets.lines import LinesPanel
from explorer.tui.widgets.message import MessageLine
from explorer.views.rows import Note
from explorer.views.spans import Line, line

Completer = Callable[[str], Completion]
"""A line -> what its last word can become."""


class Prompt(Input):
    """The console's input: Up and Down recall earlier lines, Esc closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(-1)", show=False),
        Binding("down", "recall(1)", show=False),
        Binding("tab", "complete(1)", show=False),
        Binding("shift+tab", "complete(-1)", show=False),
        Binding("escape", "leave", show=False),
        Binding("ctrl+c", "leave", show=False, priority=True),
    ]

    def __init__(self, words: list[str]) -> None:
        super().__init__(compact=True, suggester=SuggestFromList(words), select_on_focus=False)
        self.lines: list[str] = []
        self.at = 0

    def render_line(self, y: int) -> Strip:
        """Show nothing after the console closed: the layout follows a frame later.

        A picture that the line makes must not show the line, nor its cursor.
        """
        if self.parent is not None and self.parent.has_class("-open"):
            return super().render_line(y)
        return Strip.blank(self.size.width, self.screen.rich_style)

    def action_recall(self, by: int) -> None:
        """Show an earlier or later line."""
        self.at = max(min(self.at + by, len(self.lines)), 0)
        self.value = self.lines[self.at] if self.at < len(self.lines) else ""
        self.cursor_position = len(self.value)

    async def action_submit(self) -> None:
        """Enter the line; at once, because the next key may already be in the queue."""
        if isinstance(self.parent, Console):
            self.parent.enter(self.value)

    def action_complete(self, by: int) -> None:
        """Complete the last word."""
        if isinstance(self.parent, Console):
            self.parent.complete(by)

    def action_leave(self) -> None:
        """Close the console."""
        if isinstance(self.parent, Console):
            self.parent.leave()


class Console(Horizontal):
    """One line: a message, or a colon and the command being typed."""

    BLANK = True

    DEFAULT_CSS = """
    Console { height: 1; }
    Console #colon { display: none; width: 1; }
    Console Prompt { display: none; width: 1fr; height: 1; border: none; padding: 0; }
    Console Prompt { background: $background; }
    Console.-open #colon, Console.-open Prompt { display: block; }
    Console.-open MessageLine { display: none; }
    """

    @dataclass
    class Entered(Message):
        """The user entered a line."""

        text: str

    class Closed(Message):
        """The user closed the console without a line."""

    @dataclass
    class Offered(Message):
        """The console offers what the line can become; nothing if it does not need completion."""

        line: str
        candidates: tuple[str, ...] = ()

    def __init__(self, words: list[str], completer: Completer) -> None:
        super().__init__(id="console")
        self.words = words
        self.completer = completer
        self._completed: tuple[str, Completion] | None = None
        """The line that the last completion made, and the candidates that were left."""

    def compose(self) -> ComposeResult:
        """Create the message, the colon and the input."""
        yield MessageLine(id="message")
        yield Colon(id="colon")
        yield Prompt(self.words)

    def say(self, note: Note) -> None:
        """Show a message."""
        self.query_one(MessageLine).note = note

    def open(self, text: str) -> None:
        """Open the console with `text` in it."""
        self.add_class("-open")
        self.query_one(Colon).update_lines()
        prompt = self.query_one(Prompt)
        prompt.value, prompt.at = text, len(prompt.lines)
        self.screen.set_focus(prompt)  # now, because the next key may already be in the queue
        prompt.cursor_position = len(text)
        if text:
            self.offer(text)

    def offer(self, line: str) -> None:
        """List what a line can become."""
        found = self.completer(line)
        self._completed = line, found
        self.post_message(self.Offered(line, found.candidates))

    @property
    def is_open(self) -> bool:
        """Whether a line is being typed."""
        return self.has_class("-open")

    def complete(self, by: int) -> None:
        """Complete the last word as far as the candidates agree and list them; again, insert one by one."""
        prompt = self.query_one(Prompt)
        line, offered = prompt.value, self._completed
        if offered is not None and offered[0] == line and len(offered[1].candidates) > 1:
            found = offered[1]
            words, chosen = found.candidates, line[found.start :]
            at = words.index(chosen) + by if chosen in words else 0 if by > 0 else -1
            prompt.value = line[: found.start] + words[at % len(words)]
        else:
            found = self.completer(line)
            prompt.value = found.common(line)
        prompt.cursor_position = len(prompt.value)
        self._completed = prompt.value, found
        self.post_message(self.Offered(prompt.value, found.candidates if len(found.candidates) > 1 else ()))

    def on_input_changed(self, message: Input.Changed) -> None:
        """Withdraw the candidates when the line is typed on."""
        message.stop()
        if self._completed is not None and self._completed[0] != message.value:
            self._completed = None
            self.post_message(self.Offered(message.value))

    def on_descendant_focus(self) -> None:
        """Show the prompt when it gets the focus, also after another window had it."""
        self.add_class("-open")
        self.query_one(Colon).update_lines()

    def on_descendant_blur(self) -> None:
        """Close the console after a click elsewhere; the text stays until the console opens again."""
        self.close()

    def close(self) -> None:
        """Show messages again."""
        self.remove_class("-open")
        self._completed = None
        self.post_message(self.Offered(""))
        self.query_one(Colon).update_lines()
        self.query_one(Prompt).refresh()

    def enter(self, value: str) -> None:
        """Close, and pass a line to the screen; an empty line repeats the last one."""
        prompt = self.query_one(Prompt)
        text = value.strip() or (prompt.lines[-1] if prompt.lines else "")
        if text and prompt.lines[-1:] != [text]:
            prompt.lines.append(text)
        self._leave_with(self.Entered(text))

    def leave(self) -> None:
        """Close without a line."""
        self._leave_with(self.Closed())

    def _leave_with(self, message: Message) -> None:
        self.close()
        # The next key goes to the screen, whose queue has this message first.
        self.screen.set_focus(None)
        self.screen.post_message(message)


class Colon(LinesPanel):
    """The prompt's colon."""

    DEFAULT_CSS = """
    Colon { width: 1; height: 1; }
    """

    def format_lines(self) -> list[Line]:
        """Return the colon, if the console is open."""
        return [line((":", "key"))] if self.parent and self.parent.has_class("-open") else []
