"""The order in which keys stand: that of the models, which is the order in which a person reads a rule."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel

from dtr_rules.formats.test_entries import ExpectEntry, FlowEntry, TestEntry
from dtr_rules.formats.test_file import TestFileEntry
from dtr_rules.formats.uem_entries import UemSet
from dtr_rules.formats.yaml import RuleEntry, SetEntry
from dtr_rules.formats.yaml_tree import Entry, Node
from dtr_rules.lint.silence import SilenceEntry

_INNER: Final[dict[tuple[str, ...], type[BaseModel]]] = {
    ("rules",): RuleEntry,
    ("tests",): TestEntry,
    ("tests", "flow"): FlowEntry,
    ("tests", "expect"): ExpectEntry,
    ("silence",): SilenceEntry,
    ("uem",): UemSet,
}


def put_in_order(root: Node, model: type[SetEntry | TestFileEntry]) -> None:
    """Put the keys of every mapping that a model stands for in order; verbatim parts stay as they are."""
    _sort(root, model)
    _walk(root, ())


def _walk(node: Node, path: tuple[str, ...]) -> None:
    for entry in node.entries or []:
        here = path if entry.key is None else (*path, entry.key)
        if entry.value.is_mapping and here in _INNER:
            _sort(entry.value, _INNER[here])
        _walk(entry.value, here)


def _sort(node: Node, model: type[BaseModel]) -> None:
    ranks = {info.alias or name: rank for rank, (name, info) in enumerate(model.model_fields.items())}

    def rank(entry: Entry) -> int:
        return ranks.get(entry.key or "", len(ranks))

    if node.entries is not None:
        node.entries.sort(key=rank)
