"""Text mode, and the sentences and words that the commands without a screen print."""
