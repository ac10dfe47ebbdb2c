"""The table of commands, and the keys, config file, footer and glossary that go with it."""
