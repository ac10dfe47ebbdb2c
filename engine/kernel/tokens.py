"""LWKT tokens of objects: exclusive or shared, recursive for the exclusive owner, released while asleep.

A thread's tokens are cells in the order of acquisition, so that a sleep can release them all and take them
again in that order. The token of memory waits (vm_token) is one row after the objects.
Source: spec 06, Token rules.
"""

from __future__ import annotations

from typing import Annotated, Final

from engine.constants import NULL, Obj, Thread
from engine.errors import CapacityError, kkassert
from engine.kernel.arguments import MaybeObj, Range, TokenObj
from engine.machine.machine import TOKENS_PER_THREAD, Machine, Steps

EXCLUSIVE: Final = 1
SHARED: Final = 2

TRY_TOKEN: Final = "try to take the object token"
"""The announcement of a trylock of a token, which never waits."""

TokenMode = Annotated[int, Range(EXCLUSIVE, SHARED)]


def token_lock(obj: Obj, mode: int) -> int:
    """The number that announces taking the token of `obj`: negative, unlike the address of a cell."""
    return -(obj * 4 + mode)


def token_of_lock(lock: int) -> tuple[Obj, int]:
    """The (object, mode) that `token_lock` encoded."""
    return -lock >> 2, -lock & 3  # type: ignore[return-value]  # a dispatcher asks too often for a call of Obj


def token_free(vm: Machine, t: Thread, obj: Obj, mode: int) -> bool:
    """Whether thread `t` could take the token of `obj` in `mode` right now."""
    if vm.object.locked_elsewhere[obj]:
        return False
    owner = vm.object.token_owner[obj]
    if owner:
        return owner == t + 1
    return mode == SHARED or not vm.object.token_shared[obj]


def held_mode(vm: Machine, t: Thread, obj: MaybeObj) -> int:
    """The mode in which thread `t` holds the token of `obj`: EXCLUSIVE, SHARED or 0.

    A token that a sleep has released and the thread has not taken again does not count.
    """
    if obj != NULL and vm.object.token_owner[obj] == t + 1:
        return EXCLUSIVE
    return SHARED if any(slot == obj for slot, _ in taken_tokens(vm, t)) else 0


def held_tokens(vm: Machine, t: Thread) -> list[tuple[Obj, int]]:
    """The (object, mode) of each token of thread `t`, in the order of acquisition."""
    held, slot = [], t * TOKENS_PER_THREAD
    end = slot + TOKENS_PER_THREAD
    while slot < end and (obj := vm.token.object[slot]) != NULL:
        held.append((obj, vm.token.mode[slot]))
        slot += 1
    return held


def taken_tokens(vm: Machine, t: Thread) -> list[tuple[Obj, int]]:
    """The tokens of thread `t` without those that a sleep has released, which are the last ones."""
    tokens = held_tokens(vm, t)
    return tokens[: len(tokens) - vm.thread.tokens_released[t]]


def _grant(vm: Machine, t: Thread, obj: Obj, mode: int) -> None:
    if mode == EXCLUSIVE or vm.object.token_owner[obj]:
        vm.object.token_owner[obj] = t + 1
        vm.object.token_depth[obj] += 1
    else:
        vm.object.token_shared[obj] += 1


def _revoke(vm: Machine, obj: Obj, mode: int) -> None:
    if vm.object.token_owner[obj]:
        vm.object.token_depth[obj] -= 1
        if vm.object.token_depth[obj] == 0:
            vm.object.token_owner[obj] = 0
    elif mode == SHARED:
        vm.object.token_shared[obj] -= 1


def _first_empty_slot(vm: Machine, t: Thread) -> int:
    slot = t * TOKENS_PER_THREAD
    end = slot + TOKENS_PER_THREAD
    while slot < end and vm.token.object[slot] != NULL:
        slot += 1
    return slot


def _push(vm: Machine, t: Thread, obj: Obj, mode: int) -> None:
    slot = _first_empty_slot(vm, t)
    if slot == (t + 1) * TOKENS_PER_THREAD:
        raise CapacityError(f"thread {t} holds {TOKENS_PER_THREAD} tokens; the model has no room for more")
    vm.token.object[slot] = obj
    vm.token.mode[slot] = mode


def _pop(vm: Machine, t: Thread, obj: Obj) -> int:
    """Forget the last acquisition of the token of `obj`, and return its mode; later ones move up."""
    first, end = t * TOKENS_PER_THREAD, _first_empty_slot(vm, t)
    at = end - 1
    while at >= first and vm.token.object[at] != obj:
        at -= 1
    kkassert(at >= first, "lwkt_reltoken", "the token is held by this thread")
    mode = vm.token.mode[at]
    for slot in range(at, end - 1):
        vm.token.object[slot] = vm.token.object[slot + 1]
        vm.token.mode[slot] = vm.token.mode[slot + 1]
    vm.token.object[end - 1] = NULL
    vm.token.mode[end - 1] = 0
    return mode


def lwkt_gettoken(vm: Machine, obj: TokenObj, mode: TokenMode = EXCLUSIVE) -> Steps[None]:
    """Take the token of `obj`; the exclusive owner may take it again.

    Locks:   none on entry; the token on return.
    Blocks:  yes, until the token is free.
    Returns: nothing.
    Errors:  none.
    Differs: a thread waiting for a token keeps the others; only a sleep releases them (DESIGN, decision 6).
    Source:  sys/kern/lwkt_token.c lwkt_gettoken
    """
    yield "take the object token" if mode == EXCLUSIVE else "share the object token", token_lock(obj, mode)
    _grant(vm, vm.curthread, obj, mode)
    _push(vm, vm.curthread, obj, mode)


def lwkt_gettoken_shared(vm: Machine, obj: TokenObj) -> Steps[None]:
    """Share the token of `obj` with other readers; its exclusive owner gets it too.

    Locks:   none on entry; the token, shared, on return.
    Blocks:  yes, while another thread has it exclusively.
    Returns: nothing.
    Errors:  none.
    Source:  sys/kern/lwkt_token.c lwkt_gettoken_shared
    """
    yield from lwkt_gettoken(vm, obj, SHARED)


def lwkt_trytoken(vm: Machine, obj: TokenObj) -> Steps[bool]:
    """Take the token of `obj` exclusively if it is free; a thread that shares it fails too.

    Locks:   the token on success.
    Blocks:  no.
    Returns: whether it was taken.
    Errors:  none.
    Source:  sys/kern/lwkt_token.c lwkt_trytoken
    """
    yield TRY_TOKEN
    if not token_free(vm, vm.curthread, obj, EXCLUSIVE):
        return False
    _grant(vm, vm.curthread, obj, EXCLUSIVE)
    _push(vm, vm.curthread, obj, EXCLUSIVE)
    return True


def lwkt_reltoken(vm: Machine, obj: TokenObj) -> Steps[None]:
    """Release the token of `obj` once.

    Locks:   the token on entry.
    Blocks:  no.
    Returns: nothing.
    Errors:  KKASSERT when this thread does not hold it.
    Source:  sys/kern/lwkt_token.c lwkt_reltoken
    """
    yield "release the object token"
    _revoke(vm, obj, _pop(vm, vm.curthread, obj))


def lwkt_relalltokens(vm: Machine, t: Thread) -> None:
    """Release every token of thread `t` but remember them: part of the step in which it goes to sleep."""
    held = held_tokens(vm, t)
    for obj, mode in held:
        _revoke(vm, obj, mode)
    vm.thread.tokens_released[t] = len(held)


def lwkt_getalltokens(vm: Machine, t: Thread, tokens: tuple[tuple[Obj, int], ...]) -> Steps[None]:
    """Take the `tokens` (object, mode) that thread `t` released when it went to sleep again, in their order.

    Locks:   the tokens on return.
    Blocks:  yes, at each token that is not free.
    Returns: nothing.
    Errors:  none.
    Source:  sys/kern/lwkt_token.c lwkt_getalltokens
    """
    for obj, mode in tokens:
        yield "take the object token again", token_lock(obj, mode)
        _grant(vm, t, obj, mode)
        vm.thread.tokens_released[t] -= 1
