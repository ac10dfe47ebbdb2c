"""Every schedule of a small scenario: its outcomes, how often each comes, and the simplest way to each."""
