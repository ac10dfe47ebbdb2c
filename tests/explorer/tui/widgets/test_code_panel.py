"""The code panel under keys and the mouse: it asks its parent for a cursor or a frame."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.message import Message

from explorer.tui.widgets.code_panel import Code
from explorer.views.code import CodeRow
from explorer.views.spans import plain
from tests.explorer.tui.widgets.test_code import ROW


class Host(App[None]):
    """A screen that holds a code panel and notes its requests."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Code(id="code")

    def on_code_pointed(self, message: Code.Pointed) -> None:
        self.requests.append(message)

    def on_code_frame_chosen(self, message: Code.FrameChosen) -> None:
        self.requests.append(message)


def asked(host: Host) -> list[tuple[object, ...]]:
    """The requests so far, as (function, action) or (frame,)."""
    return [
        (request.function, request.action) if isinstance(request, Code.Pointed) else (request.index,)
        for request in host.requests
        if isinstance(request, Code.Pointed | Code.FrameChosen)
    ]


async def test_keys_move_the_cursor_and_choose_the_frame() -> None:
    host = Host()
    async with host.run_test(size=(64, 14)) as pilot:
        panel = host.query_one(Code)
        panel.row = ROW
        panel.focus()
        await pilot.press("down", "k", "end", "home", "pagedown", "pageup", "left", "right")
        await pilot.pause()
    name = ROW.function
    assert asked(host) == [(name, 2), (name, 1), (name, 2), (name, 1), (name, 2), (name, 1), (1,), (2,)]


async def test_a_click_is_a_frame_or_an_action() -> None:
    host = Host()
    async with host.run_test(size=(64, 14)) as pilot:
        panel = host.query_one(Code)
        panel.row = ROW
        await pilot.pause()
        text = plain(panel.format_lines()).split("\n")
        y = next(n for n, line in enumerate(text) if "join the queue" in line)
        await pilot.click(Code, offset=(10, y))
        await pilot.click(Code, offset=(text[1].index("vm_page_activate"), 1))
        await pilot.click(Code, offset=(5, 13))
    assert asked(host) == [(ROW.function, 1), (0,)]


async def test_without_a_function_keys_ask_for_nothing() -> None:
    host = Host()
    async with host.run_test(size=(40, 8)) as pilot:
        panel = host.query_one(Code)
        panel.row = CodeRow(words=("no thread has run",), sentence="the machine after boot")
        panel.focus()
        await pilot.press("down", "left", "home")
        await pilot.click(Code, offset=(2, 2))
        assert "no thread has run" in plain(panel.format_lines())
    assert asked(host) == []
