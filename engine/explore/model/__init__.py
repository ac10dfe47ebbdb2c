"""The transition system: what a thread remembers between two steps, what its steps do, who can take one."""
