"""The screen in a browser: a web server with a process for each visitor.

    browser  <-- websocket -->  server  <-- pipes -->  a visitor's process

`server` is the web server (aiohttp). `guard` says which requests it answers, `page` has the files that a
browser loads, `envelopes` reads what a browser sends, `downloads` passes a file on. A `connection` is one
socket with one process; `reception` counts them. Together they replace the server of textual-serve, whose
protocol, static files and download keys they use, and which has no secret, no limit and no way to end a
process that does not answer.

`children` starts the processes. They are forks of one that has everything imported, so that a visit starts in
a moment and shares memory with the others: `fork_server` is the loop of that process, `visit` what it and its
forks run. `driver` is the terminal of a visitor's screen, `confinement` what its process may use.
"""
