"""What the command `map` does: it reads dumps of real machines, and shows them beside the run."""

from __future__ import annotations

import shlex
from errno import ENAMETOOLONG

from engine.errors import BadInput
from engine.inputs.dumps.moment import DumpMoment
from engine.inputs.regular_file import check_no_pipe
from explorer.commands.host import Desk
from explorer.session.whole_file import user_path


def show_dumps(desk: Desk, argument: str) -> None:
    """Show the dumps of one or more files as moments of one timeline."""
    if not argument:
        desk.open_console("map ")
        return
    desk.show_dumps(read_dumps(argument))


def read_dumps(argument: str) -> tuple[DumpMoment, ...]:
    """Read the files of a typed line, one after the other; a name with spaces is quoted.

    Errors: BadInput if the line or a file cannot be read, or if a file is not a dump.
    """
    # Imported here because few runs read a dump.
    from engine.inputs.dumps.reader import read_dump_file  # noqa: PLC0415

    try:
        names = shlex.split(argument)
    except ValueError:
        raise BadInput("a quotation mark is not closed; quote a whole file name, or none of it") from None
    return tuple(moment for name in names for moment in read_dump_file(_regular_file(name)))


def _regular_file(name: str) -> str:
    """Return the path of a file that a user typed.

    Errors: BadInput for a pipe or a device, for which the screen would wait, and for a name that is too long.
    """
    path = user_path(name)
    try:
        path.stat()
    except OSError as error:
        if error.errno == ENAMETOOLONG:
            raise BadInput(f"{name[:60]!r}... is too long for the name of a file") from None
        return str(path)  # the reader says what is wrong
    check_no_pipe(path, "pageq map reads pipes")
    return str(path)
