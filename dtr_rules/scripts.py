"""Labels that mix scripts as look-alikes do: those beyond the level "Highly Restrictive" of UTS #39 (5.2).

A label of one script passes, and so do the mixtures that people write every day: Latin with Japanese, Chinese or Korean
(Latin + Han + Hiragana + Katakana, Latin + Han + Bopomofo, Latin + Han + Hangul). Digits, hyphens and accents belong to
every script. `okta` with a Cyrillic `о` does not pass.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from typing import Final

from dtr_rules.scripts_table import RUNS

_OF_EVERY_SCRIPT: Final = frozenset({"Zyyy", "Zinh"})
_LATIN: Final = "Latn"
_WRITING_SYSTEMS: Final = {  # UTS #39, 5.1: what augments the set of a character
    "Hani": ("Hanb", "Jpan", "Kore"),
    "Hira": ("Jpan",),
    "Kana": ("Jpan",),
    "Bopo": ("Hanb",),
    "Hang": ("Kore",),
}
_WITH_LATIN: Final = frozenset({"Hanb", "Jpan", "Kore"})

_NAMES: Final = {
    "Arab": "Arabic",
    "Armn": "Armenian",
    "Beng": "Bengali",
    "Bopo": "Bopomofo",
    "Cher": "Cherokee",
    "Copt": "Coptic",
    "Cyrl": "Cyrillic",
    "Deva": "Devanagari",
    "Ethi": "Ethiopic",
    "Geor": "Georgian",
    "Grek": "Greek",
    "Gujr": "Gujarati",
    "Guru": "Gurmukhi",
    "Hang": "Hangul",
    "Hani": "Han",
    "Hebr": "Hebrew",
    "Hira": "Hiragana",
    "Kana": "Katakana",
    "Khmr": "Khmer",
    "Knda": "Kannada",
    "Laoo": "Lao",
    "Latn": "Latin",
    "Lisu": "Lisu",
    "Mlym": "Malayalam",
    "Mymr": "Myanmar",
    "Orya": "Oriya",
    "Sinh": "Sinhala",
    "Taml": "Tamil",
    "Telu": "Telugu",
    "Thaa": "Thaana",
    "Thai": "Thai",
    "Tibt": "Tibetan",
}


def mixed_scripts(label: str) -> list[str] | None:
    """The names of the scripts that `label` (a U-label) mixes; None where it may stand."""
    sets = {scripts for char in label if not (scripts := _scripts(char)) & _OF_EVERY_SCRIPT}
    if _have_one_in_common(sets):
        return None
    beside_latin = {scripts for scripts in sets if _LATIN not in scripts}
    if frozenset.intersection(*map(_augmented, beside_latin)) & _WITH_LATIN:
        return None
    certain = {scripts for scripts in sets if len(scripts) == 1}
    return sorted(_NAMES.get(code, code) for code in frozenset[str]().union(*(certain or sets)))


def _have_one_in_common(sets: set[frozenset[str]]) -> bool:
    return not sets or bool(frozenset.intersection(*map(_augmented, sets)))


def _augmented(scripts: frozenset[str]) -> frozenset[str]:
    return scripts.union(*(_WRITING_SYSTEMS.get(code, ()) for code in scripts))


def _scripts(char: str) -> frozenset[str]:
    """The scripts of a character; one that the table does not know has a script of its own."""
    starts, runs = _table()
    last, scripts = runs[bisect_right(starts, ord(char)) - 1]
    return scripts if ord(char) <= last else frozenset({f"U+{ord(char):04X}"})


@functools.cache
def _table() -> tuple[list[int], list[tuple[int, frozenset[str]]]]:
    starts, runs = [-1], [(-1, frozenset[str]())]
    for run in RUNS.split():
        ends, _, scripts = run.partition(":")
        first, _, last = ends.partition("-")
        starts.append(int(first, 16))
        runs.append((int(last or first, 16), frozenset(scripts.split("+"))))
    return starts, runs
