"""The declaration of tables: columns of a C type, and how kernel functions see them.

If the usual value of a column is not 0, the column has a bias and its cells hold the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

V_co = TypeVar("V_co", bound=int, covariant=True)


class ColumnOf(Protocol[V_co]):
    """A column as kernel functions see it, with values of type `V_co`; NULL may be stored too."""

    def __getitem__(self, index: int, /) -> V_co: ...

    def __setitem__(self, index: int, value: int, /) -> None: ...


Column = ColumnOf[int]
"""A column of plain numbers."""


@dataclass(frozen=True)
class ColumnSpec:
    """A column's C type (`bits` wide, `signed` or not) and bias, the value read from an untouched cell."""

    bits: int
    signed: bool
    bias: int = 0

    @property
    def name(self) -> str:
        """The name of the type: `u8`, `i64` and so on."""
        return f"{'i' if self.signed else 'u'}{self.bits}"

    @property
    def bare(self) -> bool:
        """Whether a bare memoryview behaves like this type."""
        return self.bits == 64 and self.signed and not self.bias

    @property
    def half(self) -> int:
        """The value to add before masking and subtract afterwards so that the result is in range."""
        return 1 << (self.bits - 1) if self.signed or self.bits == 64 else 0

    @property
    def mask(self) -> int:
        """A mask with all bits of the type set."""
        return (1 << self.bits) - 1


def u8(bias: int = 0) -> Any:
    """Declare a column of uint8_t."""
    return ColumnSpec(8, False, bias)


def u16() -> Any:
    """Declare a column of uint16_t."""
    return ColumnSpec(16, False)


def u32() -> Any:
    """Declare a column of uint32_t."""
    return ColumnSpec(32, False)


def i32(bias: int = 0) -> Any:
    """Declare a column of int."""
    return ColumnSpec(32, True, bias)


def i64(bias: int = 0) -> Any:
    """Declare a column of long."""
    return ColumnSpec(64, True, bias)


def u64() -> Any:
    """Declare a column of uint64_t, kept as two's complement in the signed cell."""
    return ColumnSpec(64, False)


class Table:
    """The columns of one structure, declared as class attributes; all have the same length.

    The declarations are removed from the class: an instance attribute is found at full speed only if the
    class has no attribute of that name, and kernel functions spend most of their time looking up columns.
    """

    title = ""
    _declared: ClassVar[dict[str, ColumnSpec]] = {}

    def __init_subclass__(cls) -> None:
        cls._declared = {name: spec for name, spec in vars(cls).items() if isinstance(spec, ColumnSpec)}
        for name in cls._declared:
            delattr(cls, name)

    def __init__(self, length: int) -> None:
        self.length = length

    @classmethod
    def specs(cls) -> dict[str, ColumnSpec]:
        """The declared columns by name, in order."""
        return cls._declared


def cmpset(column: Column, index: int, old: int, new: int) -> bool:
    """Compare-and-set: store `new` if the cell holds `old`; return whether it did."""
    if column[index] != old:
        return False
    column[index] = new
    return True


def fetchadd(column: Column, index: int, delta: int) -> int:
    """Add `delta` to a cell, wrapping as its type does; return the old value."""
    old = column[index]
    column[index] = old + delta
    return old
