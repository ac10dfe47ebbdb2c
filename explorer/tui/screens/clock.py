"""A screen that moves in time by itself: it drives long motions and plays runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.errors import InvariantViolation
from explorer.commands.config import Settings
from explorer.session import running, stepping
from explorer.session.learning import Cut
from explorer.session.question_stops import arrive, place_of
from explorer.session.running import Played
from explorer.session.session import REFUSALS, Session
from explorer.session.stepping import Motion
from explorer.tui.screens.appearance import Appearance
from explorer.tui.screens.panels import Activity, search_words, show_centre, show_time
from explorer.tui.screens.player import BREATH, FRAMES, LATEST, Player
from explorer.tui.widgets.console import Console
from explorer.tui.widgets.map_panel import MapPanel
from explorer.tui.widgets.stage_panel import Stage
from explorer.views.flights import page_moves

FEW = 200
"""Maximum number of steps forward after which page moves are animated."""


class Moving(Appearance):
    """A screen whose time advances in slices; it reads keys between slices."""

    def __init__(self, session: Session, settings: Settings) -> None:
        super().__init__(session, settings)
        self.player = Player()
        self.begun = session.history.step > 0
        self.zoomed = ""
        self._driver: asyncio.Task[None] | None = None
        self._playing: asyncio.Task[None] | None = None
        self._recorded = 0
        """The steps of the branch that were recorded when playback started."""

    def show(self) -> None:
        """Update every visible panel to the current step."""
        raise NotImplementedError

    def on_lines_panel_rows_wanted(self) -> None:
        """Update the panels after one has more room: the layout changes a frame after the rows were made."""
        self.show()

    @property
    def plays(self) -> bool:
        """Whether playback is active."""
        return self._playing is not None

    @property
    def busy(self) -> bool:
        """Whether a motion or playback is active."""
        return self._driver is not None or self._playing is not None

    def activity(self) -> Activity:
        """Return the activity that moves time, for the status line."""
        playing = f"playing {self.player}" if self._playing is not None else ""
        text = "running, Esc stops" if self._driver is not None else playing
        return Activity(text, self.begun, bool(self.zoomed), search_words(self.session))

    def _guard(self, act: Callable[[], Motion | None]) -> Motion | None:
        try:
            return act()
        except REFUSALS as refusal:
            self.session.say(str(refusal), "error")
        except InvariantViolation as fault:
            self._report_bug(fault)
        return None

    def _report_bug(self, fault: InvariantViolation) -> None:
        self.session.say(f"bug in pageq, please report it: {fault}", "error")
        self.query_one(Console).say(self.session.note)

    def _slice(self, motion: Motion) -> bool:
        """Drive a motion for one slice; return False if it is done."""
        going = False

        def act() -> None:
            nonlocal going
            going = next(motion, self) is not self

        self._guard(act)
        return going

    def _drive(self, motion: Motion) -> None:
        """Drive a motion to its end, yielding to the event loop between slices; a short one ends at once."""
        if self._slice(motion):
            self._driver = asyncio.create_task(self._drive_on(motion))

    async def _drive_on(self, motion: Motion) -> None:
        loop = asyncio.get_running_loop()
        shown = loop.time()
        while True:
            await asyncio.sleep(0)
            going = self._slice(motion)
            if not going:
                break
            if loop.time() - shown > 0.1:
                self._show_quickly()
                shown = loop.time()
        self._driver = None
        self.show()

    def stop(self) -> bool:
        """Stop the motion or playback; return whether one was active."""
        moved = self.busy
        if self._driver is not None:
            self._driver.cancel()
            self._driver = None
        if self._playing is not None:
            self._playing.cancel()
            self._playing = None
            running.drop_unshown(self.session, self._recorded)
        return moved

    def on_unmount(self) -> None:
        """Stop with the screen: its panels are gone."""
        self.stop()

    def toggle_play(self) -> None:
        """Play, or pause."""
        if self.stop():
            self.session.say("paused")
            return
        self.player.suit(self.session.history.programs)
        self.player.start()
        self._recorded = self.session.history.total
        self._playing = asyncio.create_task(self._play_frames())

    async def _play_frames(self) -> None:
        # A Textual timer would skip the frame after a slow one.
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._playing is not None:
            # A late frame is caught up with, unless too many were late.
            due = max(due + 1 / FRAMES, loop.time() - LATEST / FRAMES)
            await asyncio.sleep(max(due - loop.time(), BREATH))
            self._play_on()

    def _play_on(self) -> None:
        player, begin = self.player, self.session.history.step
        player.begin_frame()
        played = self._play(player.due())
        while played is Played.ON and player.more():
            played = self._play(player.due())
        player.end_steps(moved=played is Played.MOVED)
        if played is Played.STOPPED:
            self.stop()
        taken = self.session.history.step - begin
        if played is Played.ON and taken > FEW and not player.detailed:
            self._show_quickly()
        elif taken or played is Played.STOPPED:
            self.show()
            self._fly(begin if played is Played.ON else max(begin, begin + taken - FEW))

    def _show_quickly(self) -> None:
        """Update only the time and the centre: the rest changes too fast to read."""
        with self.app.batch_update():
            show_time(self, self.session, self.activity(), self.keys)
            show_centre(self, self.session)

    def _play(self, count: int) -> Played:
        """Take steps of the schedule, or of the chosen thread; by moves, to the next one."""
        played = Played.STOPPED

        def act() -> None:
            nonlocal played
            played = self._take(count) if count else Played.ON

        begin = place_of(self.session)
        self._guard(act)
        stopped = arrive(self.session, begin, self._recorded, Cut(begin, None))
        return Played.STOPPED if stopped else played

    def _take(self, count: int) -> Played:
        if self.player.by_moves:
            return running.play_to_move(self.session, count)
        if self.session.chosen is None:
            going = running.play(self.session, count)
        else:
            going = all(stepping.step(self.session) for _ in range(count))
        return Played.ON if going else Played.STOPPED

    def change_speed(self, by: int) -> None:
        """Play faster or slower."""
        self._set_player(lambda player: player.change(by))

    def set_speed(self, text: str) -> None:
        """Set the speed of playback.

        Errors: BadInput for a text that is not a speed.
        """
        self._set_player(lambda player: player.set(text))

    def turn_unit(self) -> None:
        """Play by moves of pages, or by steps."""
        self._set_player(lambda player: player.turn_unit())

    def _set_player(self, change: Callable[[Player], None]) -> None:
        self.player.suit(self.session.history.programs)
        change(self.player)
        self.session.say(f"playback: {self.player}")

    def _fly(self, begin: int) -> None:
        """Animate the page moves of a few steps forward in the centre."""
        history = self.session.history
        if self.app.animation_level == "none" or not begin < history.step <= begin + FEW:
            return
        if self.session.centre == "map":
            self.query_one(MapPanel).fly(page_moves(history, begin, history.step))
        else:
            self.query_one(Stage).fly(page_moves(history, begin, history.step))

    def land(self) -> None:
        """End the animation of page moves."""
        self.query_one(MapPanel).land()
        self.query_one(Stage).land()
