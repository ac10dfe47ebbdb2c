"""External inputs: descriptions of real machines and traces of the real kernel."""
