"""A screen on which things are clicked: a message of a widget becomes a command, or moves a cursor."""

from __future__ import annotations

from engine.constants import NULL
from engine.errors import BadInput
from explorer.commands.lesson import link_lines
from explorer.commands.table import COMMANDS, parse
from explorer.session import code_place
from explorer.session.undo import Undo
from explorer.tui.screens.boxed import Boxed
from explorer.tui.widgets.code_panel import Code
from explorer.tui.widgets.console import Console
from explorer.tui.widgets.footer import Footer
from explorer.tui.widgets.lens import LensPanel
from explorer.tui.widgets.lesson_panel import LessonPanel
from explorer.tui.widgets.log_panel import Log
from explorer.tui.widgets.question_panel import QuestionPanel
from explorer.tui.widgets.queue_map import QueueMap
from explorer.tui.widgets.source_panel import Source
from explorer.tui.widgets.stage_panel import Stage
from explorer.tui.widgets.threads_panel import Threads
from explorer.tui.widgets.timeline_panel import Timeline
from explorer.views.rows import Note
from explorer.views.stage import lane_words, tile_words


class Pointed(Boxed):
    """A screen that answers the mouse and the cursors of its widgets.

    undo: the commands that can be undone.
    """

    undo: Undo

    def action_command(self, name: str) -> None:
        """Execute the command of a key."""
        raise NotImplementedError

    def enter_line(self, text: str) -> None:
        """Execute a line of the console; an error becomes a message."""
        try:
            command, argument = parse(text)
        except BadInput as refusal:
            self.refuse(refusal)
            return
        self.do(command, argument)

    def refuse(self, refusal: BadInput) -> None:
        """Show an error."""
        self.session.say(str(refusal), "error")
        self.show()
        self.open_long_note()

    # --- messages from widgets ----------------------------------------------------------------------------

    def on_queue_map_color_selected(self, message: QueueMap.ColorSelected) -> None:
        """Move the map's cursor to a clicked cell."""
        self.undo.remember(self.session, "color")
        self.session.select(message.base, message.color)
        self.show()

    def on_threads_thread_chosen(self, message: Threads.ThreadChosen) -> None:
        """Let s step a clicked thread."""
        self.do(COMMANDS["thread"], self.session.programs[message.number].name)

    def on_timeline_step_selected(self, message: Timeline.StepSelected) -> None:
        """Go to a clicked step."""
        self.do(COMMANDS["goto"], str(message.step))

    def on_log_step_selected(self, message: Log.StepSelected) -> None:
        """Go to a clicked step."""
        self.do(COMMANDS["goto"], str(message.step))

    def on_source_pointed(self, message: Source.Pointed) -> None:
        """Move the cursor of the source."""
        self.undo.remember(self.session, "cursor")
        self.session.line = message.thread, message.line
        self.session.say("b sets a breakpoint here, t runs to here")
        self.show()

    def on_stage_tile_chosen(self, message: Stage.TileChosen) -> None:
        """Show the page of a chosen tile."""
        self.undo.remember(self.session, "page")
        self.session.pin(message.page)
        self.session.say(f"{self._tile_words(message.page)}; Esc follows the steps again")
        self.show()

    def on_stage_lane_chosen(self, message: Stage.LaneChosen) -> None:
        """Say how many pages a clicked lane has."""
        self.session.say(lane_words(self.query_one(Stage).row, message.name))
        self.show()

    def _tile_words(self, page: int) -> str:
        return tile_words(self.query_one(Stage).row, page)

    def on_stage_tile_hovered(self, message: Stage.TileHovered) -> None:
        """Describe the page under the mouse; when the mouse leaves it, show the last message again."""
        words = None if message.page == NULL else Note(self._tile_words(message.page))
        self.query_one(Console).say(words or self.session.note)

    def on_code_pointed(self, message: Code.Pointed) -> None:
        """Move the cursor of the code."""
        code_place.point(self.session, message.function, message.action)
        self.session.say("b sets a breakpoint on this action")
        self.show()

    def on_code_frame_chosen(self, message: Code.FrameChosen) -> None:
        """Show the code of a chosen frame."""
        self._guard(lambda: code_place.choose_frame(self.session, message.index))
        self.show()

    def on_lesson_panel_link_followed(self, message: LessonPanel.LinkFollowed) -> None:
        """Execute the console command of a link."""
        try:
            lines = link_lines(self.session, message.kind, message.target)
        except BadInput as refusal:
            self.refuse(refusal)
            return
        for line in lines:
            self.enter_line(line)

    def on_lens_panel_clicked(self, message: LensPanel.Clicked) -> None:
        """Execute the console command of a click in a lens."""
        self._focus("centre")
        self.enter_line(message.verb)

    def on_lens_panel_chosen(self, message: LensPanel.Chosen) -> None:
        """Execute the console command of a line that was chosen with Enter; the lens keeps the focus."""
        self.enter_line(message.verb)

    def on_question_panel_clicked(self, message: QuestionPanel.Clicked) -> None:
        """Execute the console command of a click on a choice, a question or a scenario."""
        self.enter_line(message.verb)

    def on_message_line_opened(self) -> None:
        """Show the messages so far."""
        self.do(COMMANDS["messages"], "")

    on_banner_opened = on_message_line_opened

    def on_footer_tip_clicked(self, message: Footer.TipClicked) -> None:
        """Execute the command of a clicked key."""
        self.action_command(message.command)
