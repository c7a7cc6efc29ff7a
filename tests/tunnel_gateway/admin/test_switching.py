"""What an operator changes while the gateway runs: states of egress addresses, and the configuration."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from running_gateway import EGRESS, Operated

FIRST, SECOND = EGRESS


def _switch(operated: Operated, address: str, state: str, pool: str = "default") -> tuple[int, dict[str, object]]:
    answer = operated.operator.post("/egress", json={"pool": pool, "address": address, "state": state})
    return answer.status_code, answer.json()


def _states(operated: Operated) -> list[str]:
    (pool,) = operated.operator.get("/egress").json()["pools"]
    return [each["state"] for each in pool["addresses"]]


@pytest.fixture(autouse=True)
def _all_active_again(operated: Operated) -> Iterator[None]:
    yield
    for address in EGRESS:
        assert _switch(operated, address, "active")[0] == 200


def test_draining_address_keeps_its_tunnels_and_gets_no_more(operated: Operated) -> None:
    kept = operated.gateway.connect(operated.phone)
    home = operated.gateway.decisions()[-1]["egress"]
    status, told = _switch(operated, home, "draining")
    assert (status, told["gateway"]) == (200, "test-gateway")
    again = operated.gateway.connect(operated.phone)
    assert operated.gateway.decisions()[-1]["egress"] != home
    assert [end for end in operated.gateway.decisions() if end["event"] == "end"] == []
    _switch(operated, home, "disabled")
    ended = operated.gateway.wait_for_decisions(lambda lines: [x for x in lines if x["reason"] == "cut-by-admin"])
    assert [line["egress"] for line in ended if line["event"] == "end"] == [home]
    for answer in (kept, again):
        answer.connection.close()


@pytest.mark.parametrize(
    ("status", "pool", "address", "words"),
    [
        pytest.param(404, "default", "203.0.113.7", "no address 203.0.113.7 in a pool 'default'", id="address"),
        pytest.param(404, "other", FIRST, f"no address {FIRST} in a pool 'other'", id="pool"),
    ],
)
def test_unknown(operated: Operated, status: int, pool: str, address: str, words: str) -> None:
    assert _switch(operated, address, "disabled", pool) == (status, {"error": words})


def test_last_active_address_stays(operated: Operated) -> None:
    assert _switch(operated, FIRST, "disabled")[0] == 200
    words = f"{SECOND} is the last active address of the pool 'default'"
    assert _switch(operated, SECOND, "draining") == (409, {"error": words})
    assert _states(operated) == ["disabled", "active"]
    assert _switch(operated, FIRST, "gone")[0] == 400


def test_reload_says_what_is_in_place_or_what_is_wrong(operated: Operated) -> None:
    rules = operated.gateway.directory / "rules.yaml"
    good = rules.read_text()
    try:
        rules.write_text(good.replace("name: login", "name: changed"))
        answer = operated.operator.post("/reload", json={})
        assert (answer.status_code, answer.json()["rules"]["name"]) == (200, "changed")
        rules.write_text(good.replace("action: tunnel", "action: tunel"))
        answer = operated.operator.post("/reload", json={})
        assert answer.status_code == 422
        assert "unknown action 'tunel'" in answer.json()["error"]
    finally:
        rules.write_text(good)
    assert operated.operator.post("/reload", json={}).status_code == 200
