"""The files of the page: what it names is there, and nothing comes from elsewhere."""

from __future__ import annotations

import re

from explorer.serve.connection import End
from explorer.serve.page import HERE, PAGE, THEIRS, policy, static_files


def test_every_file_that_the_page_names_is_sent_and_there() -> None:
    files = static_files()
    named = set(re.findall(r'(?:src|href)="static/([^"]+)"', PAGE.read_text()))
    named |= set(re.findall(r'url\("([^"]+)"\)', (HERE / "page.css").read_text()))
    assert named == files.keys()
    assert named == {"page.css", "page.js", *THEIRS}
    assert all(path.is_file() for path in files.values())


def test_the_page_has_no_address_of_another_host_and_no_script_in_it() -> None:
    for name in ("page.html", "page.css", "page.js"):
        text = (HERE / name).read_text()
        assert "http://" not in text
        assert "https://" not in text
        assert not re.search(r" on[a-z]+=|<script>|eval\(|innerHTML", text)


def test_the_policy_allows_the_server_itself_only() -> None:
    rules = dict(rule.split(" ", 1) for rule in policy("a.example:8000").split("; "))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["connect-src"] == "'self' ws://a.example:8000 wss://a.example:8000"
    assert not {"*", "http:", "https:", "'unsafe-eval'"} & set(" ".join(rules.values()).split())


def test_the_page_says_why_a_visit_ended_for_each_reason() -> None:
    said = {int(code) for code in re.findall(r"^    (\d+): \[", (HERE / "page.js").read_text(), re.MULTILINE)}
    assert said == {*(end for end in End if end is not End.LEFT), 0, 200, 403, 503}
