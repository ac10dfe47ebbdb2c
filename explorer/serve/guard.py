"""Which requests the server answers: those with its secret, from a page of its own.

Any web page can make a browser send requests to 127.0.0.1. It cannot read or guess the secret, it cannot
hide that it is of another origin, and if a name of its own resolves to 127.0.0.1, that name is in `Host`.
So all three are checked. A refusal does not say which one was wrong.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from engine.errors import BadInput

LOOPBACK: Final = "127.0.0.1"

SECRET_BYTES: Final = 24
"""Random bytes of a secret that the server makes; 32 characters of a URL."""

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,200}")
_PORTS: Final = {"http": 80, "https": 443}
_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Guard:
    """What is compared with a request.

    secret:  the first part of every path.
    hosts:   values of the header Host.
    origins: values of the header Origin.
    """

    secret: str
    hosts: frozenset[str]
    origins: frozenset[str]

    @classmethod
    def of(cls, secret: str, host: str, port: int, public: tuple[str, ...] = ()) -> Guard:
        """Return the guard of a server.

        host, port: where it listens. public: the origins of proxies in front of it.
        """
        own = {own_origin(name, port) for name in (LOOPBACK, "localhost", host)}
        hosts = {name for origin in own.union(public) for name in _hosts(origin)}
        return cls(secret, frozenset(hosts), frozenset(own.union(public)))

    def allows(self, headers: Mapping[str, str], *, socket: bool = False) -> bool:
        """Whether a request comes from a page of the server.

        headers: with names in any case. socket: whether it opens a websocket, for which browsers always send
        the origin, and which no rule of theirs keeps from other pages.
        """
        origin = headers.get("Origin")
        right = not socket if origin is None else origin.lower() in self.origins
        return right and headers.get("Host", "").lower() in self.hosts

    def knows(self, secret: str) -> bool:
        """Whether this is the secret; the time that this takes says nothing about it."""
        return hmac.compare_digest(secret.encode("utf-8", "replace"), self.secret.encode())


def _hosts(origin: str) -> set[str]:
    """Return the values of Host for an origin: some proxies write the scheme's own port too."""
    parts = urlsplit(origin)
    return {parts.netloc} if parts.port else {parts.netloc, f"{parts.netloc}:{_PORTS[parts.scheme]}"}


def new_secret() -> str:
    """Return a random secret."""
    return secrets.token_urlsafe(SECRET_BYTES)


def read_secret(text: str, source: str) -> str:
    """Check a secret that the user gives.

    source: where it is from, for the message, which does not contain it.
    Errors: BadInput for one that is too short, or that cannot be a part of a path.
    """
    if not _SECRET.fullmatch(text):
        raise BadInput(f"{source}: a secret has 16 to 200 characters, each a letter, a digit, - or _")
    return text


def read_origin(text: str) -> str:
    """Read the public origin of a proxy, as browsers send it: in lower case, without the scheme's own port.

    Errors: BadInput for anything else, such as a URL with a path.
    """
    lower = text.lower().removesuffix("/")
    found = _ORIGIN.fullmatch(lower)
    if found is None or not 0 < int((found[2] or ":1")[1:]) < 1 << 16:
        raise BadInput(
            f"{text[:80]!r} is not an origin; use SCHEME://HOST, such as https://pageq.example.edu"
        )
    return lower.removesuffix(f":{_PORTS[urlsplit(lower).scheme]}")


def own_origin(host: str, port: int) -> str:
    """Return the origin of pages that a server itself sends, without a proxy."""
    name = f"[{host}]" if ":" in host else host.lower()
    return f"http://{name}" if port == _PORTS["http"] else f"http://{name}:{port}"
