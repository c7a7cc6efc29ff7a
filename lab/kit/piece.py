"""One thing to paste: where it goes, its values, and how sure each of them is."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.catalogue.entry import Sure


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a console, or one key with its value. `source` says who says so."""

    name: str
    value: str
    source: str
    sure: Sure = Sure.DOCUMENTED
    kind: str = ""
    """The value type that the console asks for (String, Boolean), where it asks."""

    @property
    def is_certain(self) -> bool:
        """Whether nobody has to be warned."""
        return self.sure in (Sure.DOCUMENTED, Sure.RECORDED)


@dataclass(frozen=True, slots=True)
class Piece:
    """One console page. `text` is what is pasted whole, and what the file `file` holds."""

    id: str
    title: str
    console: str
    menu: str
    """The way through the menus, as the tutorial or the vendor's help page has it."""
    fields: tuple[Field, ...] = ()
    text: str | None = None
    file: str | None = None
    remarks: tuple[str, ...] = ()
