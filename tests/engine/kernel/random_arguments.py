"""For every public kernel function: its arguments in a scene, and the claims that it changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from engine.constants import (
    NULL,
    PAGE_SIZE,
    PG_FICTITIOUS,
    PG_MAPPED,
    PG_MAPPEDMULTI,
    PG_NEED_COMMIT,
    PG_NOSYNC,
    PG_RAM,
    PG_REFERENCED,
    PG_SWAPPED,
    PG_UNQUEUED,
    PG_WINATCFLS,
    PG_WRITEABLE,
    PQ_ACTIVE,
    PQ_CACHE,
    PQ_INACTIVE,
    PQ_NONE,
    QUEUE_BASES,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
    VM_ALLOC_FORCE_ZERO,
    VM_ALLOC_INTERRUPT,
    VM_ALLOC_NORMAL,
    VM_ALLOC_NULL_OK,
    VM_ALLOC_QUICK,
    VM_ALLOC_RETRY,
    VM_ALLOC_SYSTEM,
    VM_ALLOC_ZERO,
)
from engine.kernel.stats import hardclock
from engine.language.symbols import Kind
from engine.run.program import KernelFunction
from engine.script.process_verbs import PAGER_VERBS
from engine.script.verbs import Parameter, Verb, verbs
from tests.engine.kernel.random_claims import OBJECTS, Missing, Scene

# Every part of a recipe is called in the same way, with a thread, even if the result does not depend on it.
# ruff: noqa: ARG005

Arguments = tuple[Any, ...]
Recipe = Callable[[Scene, int], Arguments]


PRESSURE: Final = frozenset(
    f"engine.kernel.{module}"
    for module in (
        *("process.madvise", "pagers.read", "pageout.oom", "pageout.active", "pageout.cache"),
        *("pageout.flush", "pageout.inactive", "pageout.page", "pageout.setup", "pageout.stats"),
    )
)
"""Modules of the pageout daemon: their callers are processes and daemons (test_random_processes.py)."""


def _of_page_layer(verb: Verb) -> bool:
    """Whether any thread may call it, with numbers; functions with a text argument are for the user."""
    if verb.as_process or verb.daemon or verb.name in PAGER_VERBS or verb.function.__module__ in PRESSURE:
        return False
    return all(parameter.kind is not None or parameter.optional for parameter in verb.parameters)


FUNCTIONS: Final[dict[str, KernelFunction]] = {
    **{name: verb.function for name, verb in verbs().items() if _of_page_layer(verb)},
    "hardclock": hardclock,
}
"""Every public function of the page layer: what scripts may call, and the clock's."""

_CLASSES: Final = (VM_ALLOC_NORMAL, VM_ALLOC_NORMAL, VM_ALLOC_QUICK, VM_ALLOC_SYSTEM, VM_ALLOC_INTERRUPT)
_ZEROING: Final = (0, 0, VM_ALLOC_ZERO, VM_ALLOC_FORCE_ZERO)


def _of(*selectors: Callable[[Scene, int], Any]) -> Recipe:
    """Arguments from selectors in order; one that gives a tuple gives several."""

    def draw(scene: Scene, t: int) -> Arguments:
        drawn: list[Any] = []
        for select in selectors:
            value = select(scene, t)
            drawn += value if isinstance(value, tuple) else [value]
        return tuple(drawn)

    return draw


def _number(low: int, high: int) -> Callable[[Scene, int], int]:
    return lambda scene, t: scene.chooser.number(low, high)


def _one_of(*options: int) -> Callable[[Scene, int], int]:
    return lambda scene, t: scene.chooser.pick(options)


def _color(scene: Scene, t: int) -> int:
    return scene.chooser.number(0, 2 * scene.vm.colors - 1)


def _queue(scene: Scene, t: int) -> int:
    base = scene.chooser.pick([base for base in QUEUE_BASES.values() if base])
    return base + scene.chooser.number(0, scene.vm.colors - 1)


def _cpu(scene: Scene, t: int) -> int:
    return scene.chooser.number(0, scene.vm.ncpus - 1)


def _class(scene: Scene) -> int:
    if scene.rough:
        return scene.chooser.pick((0, VM_ALLOC_ZERO, *_CLASSES))
    return scene.chooser.pick(_CLASSES)


def _request(scene: Scene, t: int) -> int:
    request = _class(scene) | scene.chooser.pick(_ZEROING)
    if scene.chooser.number(0, 3) == 0:
        request |= VM_ALLOC_CPU_SPEC | _cpu(scene, t) << VM_ALLOC_CPU_SHIFT
    return request


def _allocated(scene: Scene, t: int) -> Arguments:
    """Without an object, or in one whose token the thread has: at a free place unless NULL_OK is given."""
    owned = [obj for obj in range(OBJECTS) if scene.modes(t).get(obj) == 1]
    obj = scene.chooser.pick([NULL, *owned, *(range(OBJECTS) if scene.rough else ())])
    if obj == NULL:
        return NULL, scene.chooser.number(0, 40), _request(scene, t)
    if scene.chooser.number(0, 1):
        return obj, scene.place(t), _request(scene, t) | VM_ALLOC_NULL_OK
    return obj, scene.empty_place(t, obj), _request(scene, t)


def _grabbed(scene: Scene, t: int) -> Arguments:
    """A place whose page the thread has not busied itself; mostly with RETRY, as the kernel's callers do."""
    obj, flags = scene.takeable(t), _class(scene) | scene.chooser.pick(_ZEROING)
    if not scene.rough and not flags & (VM_ALLOC_NORMAL | VM_ALLOC_SYSTEM | VM_ALLOC_INTERRUPT):
        flags |= VM_ALLOC_NORMAL
    places = [p for p in range(6) if scene.busied.get(scene.vm.find_page(obj, p)) != t]
    flags |= VM_ALLOC_RETRY if scene.chooser.number(0, 7) else 0
    return obj, scene.pick(places, "vm_page_wakeup"), flags


def _looked_up(scene: Scene, t: int) -> Arguments:
    return scene.looked_into(t), scene.place(t)


def _waited_for(scene: Scene, t: int) -> Arguments:
    obj = scene.looked_into(t)
    mine = {m for m, owner in scene.busied.items() if owner == t} | {m for o, m in scene.soft if o == t}
    places = [p for p in range(6) if scene.vm.find_page(obj, p) not in mine]
    return obj, scene.pick(places, "vm_page_wakeup")


def _inserted(scene: Scene, t: int) -> Arguments:
    obj = scene.filled(t)
    found = [m for m, owner in scene.busied.items() if owner == t and _homeless(scene, m)]
    m = scene.any_page(t) if scene.rough else scene.pick(found, "vm_page_remove")
    return m, obj, scene.place(t)


def _homeless(scene: Scene, m: int) -> bool:
    return scene.vm.page.object[m] == NULL and scene.crew.queue_of(m) not in ("FREE", "HOLD")


def _renamed(scene: Scene, t: int) -> Arguments:
    obj, m = scene.filled(t), scene.own(t)
    old = scene.vm.page.object[m]
    if not scene.rough and old != NULL and scene.modes(t).get(old) != 1:
        raise Missing("vm_object_hold")
    return m, obj, scene.empty_place(t, obj)


def _mapping_flags(scene: Scene, t: int) -> Arguments:
    """A page that may be mapped, and flags; a writeable mapping is a mapping."""
    m = scene.own_uncached(t)
    plain = (PG_REFERENCED, PG_NOSYNC, PG_RAM, PG_SWAPPED, PG_WINATCFLS)
    mapped = (PG_MAPPED, PG_MAPPED | PG_WRITEABLE, PG_MAPPED | PG_MAPPEDMULTI)
    misused = (PG_FICTITIOUS, PG_UNQUEUED, PG_WRITEABLE, PG_NEED_COMMIT) if scene.rough else ()
    return m, scene.chooser.pick((*plain, *mapped, *mapped, *misused))


def _copied(scene: Scene, t: int) -> Arguments:
    return scene.own_soft(t), scene.own_uncached(t)


def _contiguous(scene: Scene, t: int) -> Arguments:
    pages = scene.chooser.pick((1, 1, 2, 3, 4, 5, 8, 64))
    size = 0 if scene.rough else pages * PAGE_SIZE - scene.chooser.pick((0, 1, 4095))
    low, high = scene.chooser.pick((0, 8 * PAGE_SIZE)), scene.chooser.pick((-1, 0, 16 * PAGE_SIZE))
    alignment, boundary = scene.chooser.pick((0, 4 * PAGE_SIZE)), scene.chooser.pick((0, 8 * PAGE_SIZE))
    return low, high, alignment, boundary, size, scene.chooser.pick((6, 6, 0))


def _given_back(scene: Scene, t: int) -> Arguments:
    if scene.rough:
        return scene.chooser.pick((0, scene.any_page(t))), scene.chooser.pick((1, 4096, 3 * 4096))
    return scene.pick(scene.ranges, "vm_page_alloc_contig")


def _locked_page(scene: Scene, t: int) -> int:
    return scene.pick([m for m in [scene.vm.thread.page_spin[t]] if m != NULL], "vm_page_spin_lock")


def _locked_queue(scene: Scene, t: int) -> int:
    return scene.pick([q for q in [scene.vm.thread.queue_spin[t]] if q], "vm_page_queues_spin_lock")


def _page_of_locked_queue(scene: Scene, t: int) -> int:
    m, q = scene.vm.thread.page_spin[t], scene.vm.thread.queue_spin[t]
    locked = m != NULL and scene.vm.page.queue[m] == q != PQ_NONE
    return scene.pick([m] if locked else [], "vm_page_queue_spin_lock")


_PAGE_IN_RANGE = _of(Scene.own_uncached, Scene.span)

RECIPES: Final[dict[str, Recipe]] = {
    "hardclock": _of(),
    "lwkt_gettoken": _of(Scene.takeable),
    "lwkt_gettoken_shared": _of(Scene.takeable),
    "lwkt_reltoken": _of(Scene.released),
    "lwkt_trytoken": _of(Scene.triable),
    "tick": _of(_one_of(1, 1, 5, 100)),
    "vm_get_pg_color": _of(_cpu, Scene.any_object, Scene.place),
    "vm_object_downgrade": _of(Scene.downgradable),
    "vm_object_drop": _of(Scene.dropped),
    "vm_object_hold": _of(Scene.takeable),
    "vm_object_hold_shared": _of(Scene.takeable),
    "vm_object_hold_try": _of(Scene.triable),
    "vm_object_upgrade": _of(Scene.upgradable),
    "vm_page_activate": _of(Scene.in_use),
    "vm_page_alloc": _allocated,
    "vm_page_alloc_contig": _contiguous,
    "vm_page_alloczwq": lambda scene, t: (
        scene.chooser.number(0, 40),
        _request(scene, t) & ~VM_ALLOC_CPU_SPEC,
    ),
    "vm_page_bits": _of(Scene.span),
    "vm_page_busy_try": _of(Scene.any_page, _number(0, 1)),
    "vm_page_busy_wait": _of(Scene.waitable, _number(0, 1)),
    "vm_page_cache": _of(Scene.own),
    "vm_page_clear_commit": _of(Scene.own),
    "vm_page_clear_dirty": _PAGE_IN_RANGE,
    "vm_page_clear_dirty_beg_nonincl": _PAGE_IN_RANGE,
    "vm_page_clear_dirty_end_nonincl": _PAGE_IN_RANGE,
    "vm_page_copy": _copied,
    "vm_page_count_min": _of(_number(0, 40)),
    "vm_page_deactivate": _of(Scene.in_use),
    "vm_page_dirty": _of(Scene.own_uncached),
    "vm_page_dontneed": _of(Scene.own),
    "vm_page_flag_clear": _of(Scene.own, _one_of(PG_REFERENCED, PG_NOSYNC, PG_RAM, PG_MAPPEDMULTI)),
    "vm_page_flag_set": _mapping_flags,
    "vm_page_flash": _of(Scene.any_page),
    "vm_page_free": _of(Scene.freeable),
    "vm_page_free_contig": _given_back,
    "vm_page_free_toq": _of(Scene.freeable),
    "vm_page_freezwq": _of(Scene.wired_alone),
    "vm_page_grab": _grabbed,
    "vm_page_hash_enter": _of(Scene.own),
    "vm_page_hash_get": _of(Scene.any_object, Scene.place),
    "vm_page_hold": _of(Scene.holdable),
    "vm_page_initfake": _of(Scene.fake, _one_of(0xFEE00000, 0xD0000000), _one_of(0, 6)),
    "vm_page_insert": _inserted,
    "vm_page_io_finish": _of(Scene.soft_page),
    "vm_page_io_start": _of(Scene.own),
    "vm_page_is_valid": _of(Scene.own_soft, Scene.span),
    "vm_page_list_find": _of(_one_of(PQ_INACTIVE, PQ_ACTIVE, PQ_CACHE), _color),
    "vm_page_lookup": _looked_up,
    "vm_page_lookup_busy_try": _of(_looked_up, _number(0, 1)),
    "vm_page_lookup_busy_wait": _of(_waited_for, _number(0, 1)),
    "vm_page_lookup_sbusy_try": _of(_looked_up, Scene.span),
    "vm_page_need_commit": _of(Scene.own_in_object),
    "vm_page_next": _of(Scene.any_page),
    "vm_page_protect": _of(Scene.own, _one_of(0, 0, 1, 2)),
    "vm_page_queue_spin_lock": _of(_locked_page),
    "vm_page_queue_spin_unlock": _of(_page_of_locked_queue),
    "vm_page_queues_spin_lock": _of(_queue),
    "vm_page_queues_spin_unlock": _of(_locked_queue),
    "vm_page_remove": _of(Scene.removable),
    "vm_page_rename": _renamed,
    "vm_page_sbusy_drop": _of(Scene.soft_page),
    "vm_page_sbusy_hold": _of(Scene.own_soft),
    "vm_page_sbusy_try": _of(Scene.any_page),
    "vm_page_select_cache": _of(_color),
    "vm_page_select_free": _of(_color),
    "vm_page_select_free_or_cache": _of(_color),
    "vm_page_set_invalid": _of(Scene.own_in_object, Scene.span),
    "vm_page_set_valid": _of(Scene.own, Scene.span),
    "vm_page_set_validclean": _of(Scene.own, Scene.span),
    "vm_page_set_validdirty": _PAGE_IN_RANGE,
    "vm_page_sleep_busy": _of(Scene.waitable, _number(0, 1)),
    "vm_page_soft_activate": _of(Scene.in_use),
    "vm_page_spin_lock": _of(Scene.any_page),
    "vm_page_spin_trylock": _of(Scene.any_page),
    "vm_page_spin_unlock": _of(_locked_page),
    "vm_page_test_dirty": _of(Scene.own_uncached),
    "vm_page_try_to_cache": _of(Scene.own),
    "vm_page_try_to_free": _of(Scene.tryable),
    "vm_page_undirty": _of(Scene.own),
    "vm_page_unhold": _of(Scene.held_page),
    "vm_page_unqueue": _of(Scene.in_use),
    "vm_page_unqueue_nowakeup": _of(Scene.in_use),
    "vm_page_unwire": _of(Scene.own_wired, _number(0, 1)),
    "vm_page_unwire_quick": _of(Scene.wired_page),
    "vm_page_wakeup": _of(Scene.owned),
    "vm_page_wire": _of(Scene.own_managed),
    "vm_page_wire_quick": _of(Scene.wired_page),
    "vm_page_zero_fill": _of(Scene.own),
    "vm_page_zero_invalid": _of(Scene.own, _number(0, 1)),
    "vm_pageout_scan_hold": _of(_color),
    "vm_paging_min_dnc": _of(_number(0, 40)),
    "vm_paging_min_nice": _of(_number(-20, 20)),
    "vm_paging_needed": _of(_number(-40, 40)),
    "vm_paging_start": _of(_number(-40, 40)),
    "vm_wait": _of(_one_of(0, 5)),
    "vmstats_rollup_cpu": _of(_cpu),
}
"""The arguments of each function; those of any other function follow from its parameters' kinds."""


def _plain(parameter: Parameter) -> Callable[[Scene, int], int]:
    """A default for any parameter: the thread's own page, an object within reach, a small number."""
    if parameter.kind is Kind.PAGE:
        return Scene.own_uncached
    return Scene.takeable if parameter.kind is Kind.OBJECT else _number(0, 1)


def _recipe(name: str) -> Recipe:
    if name in RECIPES:
        return RECIPES[name]
    return _of(*(_plain(parameter) for parameter in verbs()[name].parameters if not parameter.optional))


ALWAYS_RIGHT: Final = frozenset(
    name for name in FUNCTIONS if name.startswith("lwkt_") or "spin" in name or "object" in name
) | {"vm_page_initfake", "vm_page_spin_trylock"}
"""Never called roughly: the model's own assertions about locks are not in the table of kernel panics."""


def drawn(scene: Scene, t: int, name: str) -> Arguments:
    """Arguments for a call of `name` by thread `t`.

    Errors: Missing when its rules do not let the thread make this call now.
    """
    scene.rough = scene.rough and name not in ALWAYS_RIGHT
    return _recipe(name)(scene, t)


# --- claims -----------------------------------------------------------------------------------------------

_UNBUSIES: Final = frozenset(
    {"vm_page_wakeup", "vm_page_free", "vm_page_free_toq", "vm_page_cache", "vm_page_try_to_cache"}
)
_BUSIES: Final = frozenset(
    {
        "vm_page_alloc",
        "vm_page_grab",
        "vm_page_lookup_busy_wait",
        "vm_page_select_cache",
        "vm_page_select_free",
        "vm_page_initfake",
    }
)
"""Give a busied page as their result; initfake as its argument."""

_HELD: Final = {"vm_object_hold", "vm_object_hold_shared", "vm_object_hold_try"}
_TOKENS: Final = {"lwkt_gettoken", "lwkt_gettoken_shared", "lwkt_trytoken"}


def begins(scene: Scene, t: int, name: str, arguments: Arguments) -> None:
    """A call begins: the claims that it will release are no longer the thread's."""
    first = arguments[0] if arguments else NULL
    if name in _UNBUSIES:
        scene.busied.pop(first, None)
    claims = {
        "vm_page_sbusy_drop": scene.soft,
        "vm_page_io_finish": scene.soft,
        "vm_page_unhold": scene.held,
        "vm_page_unwire": scene.wired,
        "vm_page_unwire_quick": scene.wired,
        "vm_page_freezwq": scene.wired,
        "vm_object_drop": scene.object_held,
        "lwkt_reltoken": scene.tokens,
    }.get(name)
    if claims is not None and claims[t, first] > 0:
        claims[t, first] -= 1
    if name == "vm_page_free_contig" and arguments in scene.ranges:
        scene.ranges.remove((first, arguments[1]))


def ends(scene: Scene, t: int, name: str, arguments: Arguments, result: Any) -> None:
    """A call has ended: the claims that it acquired are the thread's."""
    first = arguments[0] if arguments else NULL
    m = _busied_page(name, first, result)
    if m != NULL and (name != "vm_page_initfake" or m not in scene.busied):
        scene.known[m] = None
        if scene.is_locked(m):
            scene.busied[m] = t
    soft = _soft_page(name, first, result)
    if soft != NULL:
        scene.soft[t, soft] += 1
    if name == "vm_page_alloc_contig" and result != NULL:
        scene.ranges.append((result, arguments[4]))
    counted = _counted(scene, name, first, result)
    if counted is not None:
        claims, key = counted
        claims[t, key] += 1


def _busied_page(name: str, first: int, result: Any) -> int:
    if name in ("vm_page_initfake", "vm_page_busy_wait"):
        return first
    if name == "vm_page_busy_try":
        return NULL if result else first
    if name == "vm_page_lookup_busy_try":
        return NULL if result[1] else int(result[0])
    if name == "vm_page_select_free_or_cache":
        return int(result[0])
    return int(result) if name in _BUSIES else NULL


def _soft_page(name: str, first: int, result: Any) -> int:
    if name in ("vm_page_hash_get", "vm_page_lookup_sbusy_try"):
        return int(result)
    if name == "vm_page_sbusy_try":
        return NULL if result else first
    return first if name in ("vm_page_io_start", "vm_page_sbusy_hold") else NULL


def _counted(scene: Scene, name: str, first: int, result: Any) -> tuple[Any, int] | None:
    """The claim that a call adds to, and on what."""
    if name == "vm_page_alloczwq" and result != NULL:
        scene.known[result] = None
        return scene.wired, result
    if name in ("vm_page_wire", "vm_page_wire_quick") or (name == "vm_page_unwire_quick" and result):
        return scene.wired, first
    if name == "vm_page_hold":
        return scene.held, first
    if name in _HELD and result is not False:
        return scene.object_held, first
    if name in _TOKENS and result is not False:
        return scene.tokens, first
    return None
