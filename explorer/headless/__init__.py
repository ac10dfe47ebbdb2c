"""The commands that need no screen; each prints to stdout and returns an exit code."""
