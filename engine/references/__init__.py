"""Reference strings: the pages that a program touched, in order; read from trace files or made."""
