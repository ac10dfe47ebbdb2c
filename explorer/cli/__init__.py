"""The command line: `entry` finds the sub-commands; each has a module with its arguments and its `run`."""

from explorer.cli import interrupts


def main() -> int:
    """Run the command of the command line and return its exit code."""
    interrupts.exit_at_once()
    from explorer.cli import entry

    try:
        return entry.main()
    except KeyboardInterrupt:  # after the command, on the way out
        return interrupts.INTERRUPTED
    finally:
        interrupts.exit_at_once()
