"""The headers of a file that a visit offers; how it is sent is in `test_server`."""

from __future__ import annotations

from typing import Any

import pytest
from textual_serve.download_manager import Download

from explorer.serve.downloads import MOST, Downloads, headers_of


def offered(name: str, kind: str = "image/svg+xml", encoding: str | None = None) -> Download:
    """A file of this name."""
    service: Any = None
    return Download(service, "key", name, "browser", kind, encoding)


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("tour-0.svg", "tour-0.svg"),
        ('a"; x="\r\n\x1b é.svg', "a_x_.svg"),
        (".bashrc", "bashrc"),
        ("...", "pageq"),
        ("x" * 500 + ".svg", "x" * 96 + ".svg"),
    ],
)
def test_a_file_is_saved_under_a_harmless_name(name: str, saved: str) -> None:
    assert headers_of(offered(name)) == {
        "Content-Type": "image/svg+xml",
        "Content-Disposition": f'attachment; filename="{saved}"',
    }


def test_a_type_that_is_not_one_is_not_sent() -> None:
    assert headers_of(offered("a", "text/html\r\nX: y"))["Content-Type"] == "application/octet-stream"
    found = headers_of(offered("a", "text/plain", 'utf-8"\r\nX: y'))
    assert found["Content-Type"] == "text/plain; charset=utf-8Xy"


async def test_a_visit_offers_some_files_only() -> None:
    downloads, service = Downloads(), object()
    for number in range(MOST + 3):
        await downloads.create_download(
            app_service=service, delivery_key=str(number), file_name="a", open_method="", mime_type=""
        )
    assert [*downloads._active_downloads] == [str(number) for number in range(3, MOST + 3)]
