"""The kernel under study: DragonFly BSD's page layer, as generators of atomic steps under the kernel's names.

The source is DragonFly BSD, `sys/vm`, commit f875a8ee (July 2020). The golden traces in
`tests/conformance/golden` were recorded from that code, compiled for user space. The files in `spec` describe
it. A `Source:` line in a docstring names a function of the kernel or a heading of one of those files.
"""
