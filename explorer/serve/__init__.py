"""The screen in a browser: a web server with a process for each visitor."""
