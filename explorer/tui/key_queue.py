"""Keys act one after another, in the order in which they were typed.

Textual forwards a key to the widget that has the focus when the key is read, and reads the next one. The
widget handles it later, and what it opens has the focus later still. So keys that come in one burst,
from fast fingers, a paste or a program, went to the panel that had the focus before them: the Enter of a line
in the console, or the answer to a question, was lost or did something else.

Here a key is forwarded after the one before it has come back to the application, where commands are executed,
or was used by a widget. A mark that follows the key through the same queues shows the latter.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget

LATE: Final = 0.5
"""Seconds after which the next key does not wait any more: what was to handle the last one is gone."""


class KeyDone(Message):
    """Follows a key through the widgets that may use it."""


class KeyQueue(App[None]):
    """An application that forwards a key, or a paste, after the one before it."""

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # Textual's own
        self._typed: deque[events.Key | events.Paste] = deque()
        self._forwarded_to: DOMNode | None = None
        self._mark: KeyDone | None = None
        self._holds = 0
        self._watch: asyncio.TimerHandle | None = None

    async def on_event(self, event: events.Event) -> None:
        """Queue what was typed; handle everything else at once."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._typed.append(event)
            await self._forward_next()
        else:
            await super().on_event(event)

    async def _forward_next(self) -> None:
        while self._typed and self._mark is None and not self._holds:
            event, target = self._typed.popleft(), self.focused or self.screen
            await super().on_event(event)
            if event.is_forwarded:
                self._follow(target)
        self._watch_over()

    def _follow(self, target: Widget) -> None:
        """Send a mark after the key that `target` gets."""
        mark = KeyDone()
        self._forwarded_to, self._mark = target, mark if target.post_message(mark) else None

    async def on_key_done(self, message: KeyDone) -> None:
        """A widget used the key: forward the next one."""
        if message is self._mark:
            self._mark = None
            await self._forward_next()

    def on_key(self, event: events.Key) -> None:
        """No widget used the key: forward it again if the focus has moved since, else execute its command."""
        target = self.focused or self.screen
        if self._mark is not None and target is not self._forwarded_to:
            event.prevent_default()
            again = event.copy()
            again._set_forwarded()
            target.post_message(again)
            self._follow(target)
            return
        self._mark = None
        if self.take_key(event):
            event.prevent_default()
        # After the command, and after the messages that it posts to the application.
        self.call_later(self._forward_next)

    def take_key(self, event: events.Key) -> bool:
        """Take a key before it is looked up as a command; return whether it was taken."""
        raise NotImplementedError

    def type_again(self, event: events.Key) -> None:
        """Let a key be typed again, before those that wait: the screen that got it is closed."""
        self._typed.appendleft(events.Key(event.key, event.character))

    def hold_keys(self, until_done: Callable[[], None]) -> None:
        """Forward no key before this was called, which happens after the next layout of the screen."""

        def done() -> None:
            until_done()
            self._holds -= 1
            self.call_later(self._forward_next)

        self._holds += 1
        self.screen.call_after_refresh(done)

    # --- if something that should handle a key is gone ----------------------------------------------------

    def _watch_over(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._typed:
            self._watch = asyncio.get_running_loop().call_later(LATE, self._give_up)

    def _give_up(self) -> None:
        self._mark, self._holds = None, 0
        self.call_later(self._forward_next)
