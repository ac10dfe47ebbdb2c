"""What a debugger asks of a recorded run: where to stop, who changed what and why, how two moments differ."""
