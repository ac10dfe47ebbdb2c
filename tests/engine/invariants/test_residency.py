"""Objects and pages that disagree about where a page is."""

from __future__ import annotations

from typing import Any

from engine.constants import NULL


def test_an_object_with_a_page_that_is_not_there(town: Any, finds: Any) -> None:
    town.vm.resident.page[town.vm.resident_slots.slot((0, 5))] = 5000
    finds(
        "residency",
        f"residency: object[heap].page[5] is not a page (index 5000), but the last page is {town.last}",
    )


def test_a_page_at_another_place_than_its_object_says(town: Any, finds: Any) -> None:
    town.vm.page.pindex[town.first] = 9
    first = town.name(town.first)
    finds(
        "residency",
        f"residency: object[heap].page[5] is {first}, but {first}.object is object[heap] and its pindex 9",
    )


def test_a_page_that_left_its_object_alone(town: Any, finds: Any) -> None:
    town.vm.page.object[town.first] = NULL
    first = town.name(town.first)
    finds(
        "residency",
        f"residency: object[heap].page[5] is {first}, but {first}.object is NULL and its pindex 5",
    )


def test_a_page_that_its_object_does_not_find(town: Any, finds: Any) -> None:
    town.vm.page.object[town.vm.page_index(0x3FF)] = 1
    says = "page[0x3ff].object is object[file] and its pindex 0"
    finds("residency", f"residency: {says}, but object[file].page[0] is NULL")


def test_a_count_of_pages_that_is_wrong(town: Any, finds: Any) -> None:
    town.vm.object.resident_page_count[0] = 8
    finds("residency", "pages of an object: object[heap].resident_page_count is 8, but it has 7")


def test_a_total_of_pages_that_is_wrong(town: Any, finds: Any) -> None:
    town.vm.cpu.t_rm[1] = -1
    finds("residency", "pages of all objects: t_rm of all cpus is 6, but objects have 7")
