"""The exact search for hosts, against every host of a small alphabet."""

from __future__ import annotations

from itertools import product

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules.analysis.budget import Budget, OutOfBudgetError
from dtr_rules.analysis.candidates import is_host_name
from dtr_rules.analysis.name_search import shortest_host
from dtr_rules.hosts import HostError, Name, is_loopback, parse_host

ALPHABET = "a0x-.h"


def is_name(text: str) -> bool:
    try:
        return isinstance(parse_host(text), Name) and not text.endswith(".")
    except HostError:
        return False


EVERY_TEXT = ["".join(letters) for length in range(1, 6) for letters in product(ALPHABET, repeat=length)]
EVERY_HOST = [text for text in EVERY_TEXT if is_name(text)]

anchored = st.builds(
    lambda start, text, end: f"{start}{text}{end}",
    st.sampled_from(["", "^"]),
    st.text(ALPHABET, min_size=1, max_size=3),
    st.sampled_from(["", "$"]),
)


def fits(host: str, wanted: list[str], forbidden: list[str]) -> bool:
    text = f"^{host}$"
    return all(each in text for each in wanted) and not any(each in text for each in forbidden)


@tried(200)
@given(st.lists(anchored, max_size=2), st.lists(anchored, max_size=6))
def test_it_finds_a_shortest_host_or_there_is_none(wanted: list[str], forbidden: list[str]) -> None:
    found = shortest_host(wanted, forbidden, Budget())
    if found is not None:
        assert is_name(found)
        assert fits(found, wanted, forbidden)
    shortest = next((host for host in EVERY_HOST if fits(host, wanted, forbidden)), None)
    if shortest is not None:
        assert found is not None
        assert len(found) <= len(shortest)


@pytest.mark.parametrize("length", range(1, 6))
def test_the_universe_is_that_of_the_host_parser(length: int) -> None:
    texts = [text for text in EVERY_TEXT if len(text) == length]
    assert [text for text in texts if is_host_name(text)] == [text for text in texts if is_name(text)]
    for text in texts[:: max(1, len(texts) // 300)]:
        assert (shortest_host([f"^{text}$"], [], Budget()) == text) == is_name(text)


@pytest.mark.parametrize("text", ["localhost", "a.localhost"])
def test_loopback_names_never_reach_a_rule(text: str) -> None:
    assert is_loopback(Name(text))
    assert not is_host_name(text)


LONG_LABEL = "a" * 63


@pytest.mark.parametrize(
    ("wanted", "forbidden", "found"),
    [
        pytest.param([f"{LONG_LABEL}$"], [f"^{LONG_LABEL}$"], f"h.{LONG_LABEL}", id="a-full-label-takes-a-dot"),
        pytest.param([f"{LONG_LABEL}$"], [f"^{LONG_LABEL}$", f".{LONG_LABEL}"], None, id="but-no-letter"),
        pytest.param(["0$"], [], "h0", id="a-number-is-no-last-label"),
        pytest.param(["0$"], [f"{each}0$" for each in "abcdefghijklmnopqrstuvwxyz-"], "h10", id="but-ends-one"),
        pytest.param(["^0x", "f$"], ["."], "0xxf", id="hexadecimal-numbers-neither"),
        pytest.param(["-$"], [], None, id="no-hyphen-at-the-end"),
        pytest.param(["^-"], [], None, id="nor-at-the-start"),
        pytest.param([".-"], [], None, id="nor-after-a-dot"),
        pytest.param(["-."], [], None, id="nor-before-one"),
        pytest.param([".."], [], None, id="no-empty-label"),
        pytest.param(["--"], [], "h--h", id="hyphens-inside"),
        pytest.param(["^xn--a$"], [], "xn--a", id="a-labels-are-opaque"),
        pytest.param(["."], ["."], None, id="wanted-and-forbidden"),
    ],
)  # fmt: skip
def test_edges_of_the_universe(wanted: list[str], forbidden: list[str], found: str | None) -> None:
    assert shortest_host(wanted, forbidden, Budget()) == found


def test_a_name_has_253_characters() -> None:
    tail = ".".join([LONG_LABEL, LONG_LABEL, LONG_LABEL, "a" * 61])
    assert len(tail) == 253
    assert shortest_host([f"{tail}$"], [], Budget()) == tail
    assert shortest_host([f"{tail}$"], [f"^{tail}$"], Budget()) is None
    assert shortest_host([f"{tail[1:]}$"], [f"^{tail[1:]}$", f"^{tail}$"], Budget()) == f"h{tail[1:]}"


def test_it_stops_where_the_budget_ends() -> None:
    with pytest.raises(OutOfBudgetError):
        shortest_host(["abc"], ["z"], Budget(steps=20))
    with pytest.raises(OutOfBudgetError):
        shortest_host(["q" * 60], [], Budget(steps=1025, expired=lambda: True))


def test_the_clock_is_looked_at_while_the_automaton_is_built() -> None:
    looks = iter([False] * 5)
    budget = Budget(steps=10**9, expired=lambda: next(looks, True))
    with pytest.raises(OutOfBudgetError):
        shortest_host(["abc"], (f"host{n}.example$" for n in range(20_000)), budget)
    assert next(looks, None) is None, "it was looked at often enough for all five"
