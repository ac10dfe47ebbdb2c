"""Files that a visitor's process gives to the browser: offered with a key, asked for once, sent in parts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Final

from textual_serve.download_manager import DOWNLOAD_CHUNK_SIZE, Download, DownloadManager

SECONDS: Final = 10.0
"""The time that a process has for one part."""

MOST: Final = 16
"""Files of one visit that are offered and not asked for; the oldest is given up for a new one."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+", re.IGNORECASE)
ANY_TYPE: Final = "application/octet-stream"


class Incomplete(Exception):
    """The process did not send the rest of a file."""


class Downloads(DownloadManager):
    """The files that are offered by all visits, by their keys."""

    def __init__(self) -> None:
        super().__init__()
        self._claimed: set[str] = set()

    async def create_download(self, **offer: object) -> None:
        """Offer a file; see DownloadManager."""
        await super().create_download(**offer)  # type: ignore[arg-type]
        service = offer["app_service"]
        own = [key for key, one in self._active_downloads.items() if one.app_service is service]
        for key in own[:-MOST]:
            self._forget(key)

    def claim(self, key: str) -> Download:
        """Return the file of a key, which cannot be asked for again.

        Errors: KeyError if there is none.
        """
        if key in self._claimed:
            raise KeyError(key)
        found = self._active_downloads[key]
        self._claimed.add(key)
        return found

    async def parts(self, download: Download) -> AsyncGenerator[bytes, None]:
        """Ask the process for the parts of a file that was claimed, one after another.

        Errors: Incomplete if it ends, or takes too long.
        """
        key = download.delivery_key
        request: dict[str, str | int | bool | None] = {
            "type": "deliver_chunk_request",
            "key": key,
            "size": DOWNLOAD_CHUNK_SIZE,
            "name": download.name,
        }
        try:
            while await download.app_service.send_meta(request):
                async with asyncio.timeout(SECONDS):
                    part = await download.incoming_chunks.get()
                if part is None:
                    raise Incomplete
                if not part:
                    return
                yield part
            raise Incomplete
        except TimeoutError as error:
            raise Incomplete from error
        finally:
            self._forget(key)

    async def cancel_app_downloads(self, app_service_id: str) -> None:
        """Give up the files of a visit that ends."""
        await super().cancel_app_downloads(app_service_id)
        for key, one in [*self._active_downloads.items()]:
            if one.app_service.app_service_id == app_service_id:
                self._forget(key)

    def _forget(self, key: str) -> None:
        self._active_downloads.pop(key, None)
        self._claimed.discard(key)


def headers_of(download: Download) -> dict[str, str]:
    """Return the headers of a file, which is saved, whatever its type, and never shown as a page."""
    name = _UNSAFE.sub("_", download.file_name)[-100:].lstrip(".") or "pageq"
    kind = download.mime_type if _TYPE.fullmatch(download.mime_type or "") else ANY_TYPE
    charset = f"; charset={_UNSAFE.sub('', download.encoding)}" if download.encoding else ""
    return {"Content-Type": kind + charset, "Content-Disposition": f'attachment; filename="{name}"'}
