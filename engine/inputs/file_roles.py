"""What the readers of files ask for, in words, and what to give them."""

from __future__ import annotations

from typing import Final

SCENARIO: Final = "a scenario"
COURSE: Final = "a course file"
COURSE_FOLDER: Final = "the folder of a course"
EXPERIMENT: Final = "an experiment"
CONFIG: Final = "a config file of pageq"
STATE: Final = "a state string"
SESSION: Final = "a saved session"
PROGRESS: Final = "a progress file"
ANSWERS: Final = "a file of answers"
HWLOC: Final = "an hwloc XML file"
SCHEDULE: Final = "a schedule"
KERNEL_TRACE: Final = "a trace of the kernel"
REFERENCES: Final = "a reference string"
DUMP: Final = "a dump of a machine"
"""What readers ask for."""

RIGHT: Final = {
    SCENARIO: "give a scenario's file, or a name of pageq list",
    COURSE: "pageq help courses describes one",
    COURSE_FOLDER: "give the folder that has the course.toml",
    EXPERIMENT: "give an experiment's file, or a name of pageq experiment",
    CONFIG: "replace it: move it away, then pageq config --write",
    STATE: "give a text that starts with pq1-, or a file that has one",
    SESSION: "give a session that :save has saved",
    PROGRESS: "move it away, and pageq starts a new one",
    ANSWERS: "use lines of SCENARIO<tab>QUESTION<tab>ANSWER",
    HWLOC: "write one with lstopo FILE.xml",
    SCHEDULE: "give a file of items such as app:3",
    KERNEL_TRACE: "give a trace of the kernel's code, as JSON lines",
    REFERENCES: "give a trace (pageq help references has the formats)",
    DUMP: "give the output of show pageq, show page, sysctl vm or vmstat -s",
}
"""What to give where a reader asks for it."""

UNPACKED: Final = (REFERENCES, KERNEL_TRACE, DUMP)
"""The roles whose readers take gzipped files too."""

EXPLAINED: Final = (*UNPACKED, ANSWERS, COURSE_FOLDER)
"""The roles whose readers say themselves that a file is empty, packed or not text."""
