"""Rule sets: where the design document and the kernel source disagree, and which of them a machine follows.

Source: DESIGN, decision 4; spec 11.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

from engine.errors import BadInput

RULE_SETS: Final = ("document", "source")
"""The names of the rule sets; the first one is the default."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule that a machine follows for each difference of document and source (DESIGN, decision 4)."""

    assoc_rule: str = "seed16"
    find2_full: bool = True
    finalize_offset_fix: bool = True
    contig_rule: str = "strict"
    zero_rule: str = "alloc"
    hash_rule: str = "lru"
    nice_rule: str = "monotone"
    thresholds: str = "2020"
    pmap_model: str = "advanced"

    @classmethod
    def named(cls, name: str) -> Rules:
        """Return the rule set `document` or `source`.

        Errors: BadInput for any other name.
        """
        if name == "document":
            return cls()
        if name == "source":
            return cls("source", False, False, "source", "grab-only", "source", "none")
        raise BadInput(f"there is no rule set {name[:60]!r}; there are document and source")

    def with_options(self, options: dict[str, object]) -> Rules:
        """Return a copy with some options changed.

        Errors: BadInput for an option or a value that does not exist.
        """
        for name, value in options.items():
            allowed = RULE_VALUES.get(name)
            if allowed is None:
                raise BadInput(f"there is no rule {name!r}; there are {', '.join(RULE_VALUES)}")
            if value not in allowed or isinstance(value, bool) != isinstance(allowed[0], bool):
                words = ", ".join(str(choice).lower() for choice in allowed)
                raise BadInput(f"{name} = {value!r} is not possible; use one of {words}")
        return replace(self, **options)  # type: ignore[arg-type]  # names and types were checked above

    def nearer(self) -> tuple[str, dict[str, object]]:
        """Return the rule set with fewer differences, and the options that differ from it."""
        changed = {
            name: {f.name: getattr(self, f.name) for f in fields(self) if self._differs(f.name, name)}
            for name in RULE_SETS
        }
        return min(changed.items(), key=lambda item: len(item[1]))

    def name(self) -> str:
        """Return `document`, `source`, or the nearer one followed by the options that differ from it."""
        name, options = self.nearer()
        words = ",".join(f"{key}={value}" for key, value in options.items())
        return f"{name}+{words}" if words else name

    def _differs(self, option: str, name: str) -> bool:
        return bool(getattr(self, option) != getattr(Rules.named(name), option))


RULE_VALUES: Final[dict[str, tuple[object, ...]]] = {
    "assoc_rule": ("seed16", "source"),
    "find2_full": (True, False),
    "finalize_offset_fix": (True, False),
    "contig_rule": ("strict", "source"),
    "zero_rule": ("alloc", "grab-only"),
    "hash_rule": ("lru", "source"),
    "nice_rule": ("monotone", "none", "formula"),
    "thresholds": ("2020", "newer"),
    "pmap_model": ("advanced", "counted"),
}
"""Every rule option and its possible values."""


def read_rules(text: str) -> Rules:
    """Read `document`, `source`, or one with changed options: `document+find2_full=off,nice_rule=none`.

    Errors: BadInput for anything else.
    """
    return Rules.named(text.partition("+")[0].strip()).with_options(changes_in(text))


def changes_in(text: str) -> dict[str, object]:
    """Return the options that a text of rules changes by name, with their values, which are not checked.

    Errors: BadInput for a change that is not OPTION=VALUE.
    """
    _, plus, changes = text.partition("+")
    options: dict[str, object] = {}
    for change in changes.split(",") if plus else []:
        name, equals, word = (part.strip() for part in change.partition("="))
        if not equals:
            raise BadInput(f"{change[:40]!r} is not OPTION=VALUE; write one such as find2_full=off")
        flag = isinstance(RULE_VALUES.get(name, ("",))[0], bool)
        options[name] = word.lower() in ("true", "on") if flag and word.lower() in _FLAGS else word
    return options


_FLAGS: Final = ("true", "false", "on", "off")
