"""The programs that a user starts: the screen, text mode and the command line, over the engine.

Layers, the highest first. A layer imports from those below it; the engine imports none of them, and only
`tui` imports Textual; `papers` asks it for pictures.

    cli                 one file for each sub-command: its arguments and its run; `entry` finds them by
                        listing the folder
    serve               the screen in a browser: the web server, its guard, a process for each visitor
    papers              questions and lessons on paper: Markdown, Moodle XML, a page with pictures
    text | tui          text mode and its sentences | the Textual app: app, screens, widgets, layouts,
                        themes, pictures
    commands            the one table of commands (keys, palette, console, help and text mode are made from
                        it), what they do, the config file
    lenses              one file for each lens: `look` makes a frozen row from a session, `draw` makes lines
                        of it
    session             one place in a run: cursor, branches, breakpoints, marks, questions, undo, saving
    views               pure functions from a history to rows and styled text
    engine              the model, which knows no screen (see its docstring)

`explorer/reference/` holds the pages of `pageq help`.

The way of a key press. Textual hands the key to `tui.screens.main.MainScreen`, whose bindings come from
`commands.table`: the key names a Command. `MainScreen.do` calls the command's function with the screen as
its Desk (`commands.host`, what a command may ask of a screen or of text mode). The function calls
`session.stepping` or another module of `session`, which moves the History: it runs the kernel function to
its next `yield`, or seeks. The journal then has what the step wrote. `MainScreen.show` asks `views` and
`lenses` for the rows of the new moment and gives each widget its own; a widget paints rows and sends
messages, never calls the engine. A long run is a Motion: a generator of slices, between which the screen
reads keys.

The way of a `why`. `W` or `:why CELL` sets the session's field; the lens `lenses.why` asks
`engine.debug.why` for the chain of causes, and draws it; text mode and `pageq why` say the same chain in
lines and in JSON.
"""

DEFAULT_SCENARIO = "life-of-a-page"
"""The scenario that opens by default."""

LARGEST_SCREEN = (1000, 500)
"""Columns and lines of the largest screen: a larger one takes seconds for each frame."""

THEMES = ("dark", "light", "high-contrast", "monochrome")
"""The themes of the screen, the default first; here so that `--help` can list them without other imports."""
