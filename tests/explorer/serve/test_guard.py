"""Which requests are those of a page of the server's."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.serve.guard import Guard, new_secret, own_origin, read_origin, read_secret

OWN = Guard.of("a-secret-of-16-or-more", "127.0.0.1", 8000)
PROXIED = Guard.of("a-secret-of-16-or-more", "10.0.0.5", 8000, ("https://pageq.example.edu",))


@pytest.mark.parametrize(
    ("guard", "host", "origin", "page", "socket"),
    [
        (OWN, "127.0.0.1:8000", "http://127.0.0.1:8000", True, True),
        (OWN, "localhost:8000", "http://LOCALHOST:8000", True, True),
        (OWN, "127.0.0.1:8000", None, True, False),
        (OWN, "127.0.0.1:8000", "", False, False),
        (OWN, "127.0.0.1:8000", "null", False, False),
        (OWN, "127.0.0.1:8000", "https://127.0.0.1:8000", False, False),
        (OWN, "127.0.0.1:8000", "http://127.0.0.1:9000", False, False),
        (OWN, "127.0.0.1:8000", "http://127.0.0.1:8000.evil.example", False, False),
        (OWN, "127.0.0.1", None, False, False),
        (OWN, "evil.example:8000", None, False, False),
        (OWN, "", None, False, False),
        (PROXIED, "pageq.example.edu", "https://pageq.example.edu", True, True),
        (PROXIED, "10.0.0.5:8000", "https://pageq.example.edu", True, True),
        (PROXIED, "pageq.example.edu", "http://pageq.example.edu", False, False),
        (PROXIED, "pageq.example.edu:443", "https://pageq.example.edu", True, True),
        (PROXIED, "pageq.example.edu:8000", None, False, False),
    ],
)
def test_host_and_origin_have_to_be_the_servers(
    guard: Guard, host: str, origin: str | None, page: bool, socket: bool
) -> None:
    headers = {"Host": host} if origin is None else {"Host": host, "Origin": origin}
    assert (guard.allows(headers), guard.allows(headers, socket=True)) == (page, socket)


def test_a_secret_is_known_as_a_whole_only() -> None:
    assert OWN.knows("a-secret-of-16-or-more")
    for text in (
        "",
        "a-secret-of-16-or-mor",
        "a-secret-of-16-or-more ",
        "A-secret-of-16-or-more",
        "é",
        "\ud800",
    ):
        assert not OWN.knows(text)


def test_each_server_has_another_secret() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert all(read_secret(one, "x") == one for one in secrets)
    assert {len(one) for one in secrets} == {32}


@pytest.mark.parametrize(
    "text", ["", "short", "a" * 15, "a" * 201, "a/" * 10, "a-secret-of-16-é", "a" * 20 + "\n"]
)
def test_a_secret_that_is_not_right_is_not_in_the_message(text: str) -> None:
    with pytest.raises(BadInput) as error:
        read_secret(text, "PAGEQ_SECRET")
    words = "PAGEQ_SECRET: a secret has 16 to 200 characters, each a letter, a digit, - or _"
    assert str(error.value) == words


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://pageq.example.edu", "https://pageq.example.edu"),
        ("HTTPS://Pageq.Example.edu/", "https://pageq.example.edu"),
        ("https://pageq.example.edu:443", "https://pageq.example.edu"),
        ("http://pageq.example.edu:443", "http://pageq.example.edu:443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_read_as_browsers_send_it(text: str, origin: str) -> None:
    assert read_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "pageq.example.edu",
        "ftp://a",
        "https://a/b",
        "https://u@a",
        "https://a:0",
        "https://a:65536",
    ],
)
def test_anything_else_is_not_an_origin(text: str) -> None:
    with pytest.raises(BadInput, match="is not an origin; use SCHEME://HOST, such as https"):
        read_origin(text)


def test_a_page_of_the_server_itself_has_no_port_of_its_scheme() -> None:
    origins = [own_origin("127.0.0.1", 8000), own_origin("::1", 8000), own_origin("localhost", 80)]
    assert origins == ["http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost"]
