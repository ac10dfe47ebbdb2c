"""The last resort: killing the largest process when memory and swap are both used up (spec 24)."""

from __future__ import annotations

from engine.machine import Machine, Steps


def vm_pageout_oom(vm: Machine) -> Steps[None]:
    """Look for the largest process, and kill it.

    Locks:   none.
    Blocks:  no.
    Returns: nothing.
    Errors:  none.
    Differs: the model has no processes to look through yet.
    Source:  sys/vm/vm_pageout.c vm_pageout_scan_cache, its last part
    """
    yield "look for the largest process"
