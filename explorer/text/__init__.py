"""Text mode, and the text output of the headless commands."""
