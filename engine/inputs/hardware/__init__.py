"""What describes a machine, from the words of a file or of an operating system to a Hardware."""
