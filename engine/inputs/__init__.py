"""What the world gives: descriptions of real machines and traces of the real kernel."""
