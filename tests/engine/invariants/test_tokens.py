"""Tokens whose object and threads disagree."""

from __future__ import annotations

from typing import Any

from engine.kernel.tokens import SHARED
from engine.machine.machine import TOKENS_PER_THREAD


def test_a_token_with_a_wrong_owner(town: Any, finds: Any) -> None:
    town.vm.object.token_owner[1] = town.thread["builder"] + 1
    keeper = "thread[keeper] holds it exclusively"
    cells = "token_owner 1, token_depth 2, token_shared 0"
    finds("tokens", f"tokens: object[file] has {cells}, but {keeper} and {keeper}")


def test_a_token_with_a_wrong_depth(town: Any, finds: Any) -> None:
    town.vm.object.token_depth[1] = 1
    keeper = "thread[keeper] holds it exclusively"
    cells = "token_owner 2, token_depth 1, token_shared 0"
    finds("tokens", f"tokens: object[file] has {cells}, but {keeper} and {keeper}")


def test_a_sleeper_that_still_has_its_token(town: Any, finds: Any) -> None:
    town.vm.thread.tokens_released[town.thread["waiter"]] = 0
    threads = "thread[waiter] holds it shared and thread[reader] holds it shared"
    finds("tokens", f"tokens: object[heap] has token_owner 0, token_depth 0, token_shared 1, but {threads}")


def test_a_token_that_no_thread_holds(town: Any, finds: Any) -> None:
    town.vm.object.token_shared[town.vm.vm_token] = 1
    cells = "token_owner 0, token_depth 0, token_shared 1"
    finds("tokens", f"tokens: object[vm_token] has {cells}, but no thread holds it")


def test_a_token_of_an_unknown_object(town: Any, finds: Any) -> None:
    town.vm.token.object[town.thread["reader"] * TOKENS_PER_THREAD + 1] = 70
    town.vm.token.mode[town.thread["reader"] * TOKENS_PER_THREAD + 1] = SHARED
    finds("tokens", "tokens: thread[reader] holds it shared, but there is no object 70")


def test_a_token_after_an_empty_row(town: Any, finds: Any) -> None:
    at = town.thread["reader"] * TOKENS_PER_THREAD
    for column in (town.vm.token.object, town.vm.token.mode):
        column[at], column[at + 2] = column[at + 1], column[at]
    town.vm.object.token_shared[0] = 0
    finds("tokens", "tokens: thread[reader].token[2] is in use, but token[0] is empty")


def test_a_sleeper_that_released_more_than_it_had(town: Any, finds: Any) -> None:
    town.vm.thread.tokens_released[town.thread["waiter"]] = 2
    finds("tokens", "tokens: thread[waiter].tokens_released is 2, but it records 1 token")
