"""The admin endpoint, asked over HTTP as operators, supervisors and the zone controller ask it."""

from __future__ import annotations

import os
import re
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from running_gateway import ADMIN_TOKEN, EGRESS, HOST, PHONE, Operated, wait_until

from tunnel_gateway.admin.endpoints import ENDPOINTS
from tunnel_gateway.admin.guard import MAX_BODY

PROTECTED = [*ENDPOINTS, ("GET", "/metrics")]


@pytest.mark.parametrize(("method", "path"), PROTECTED, ids=[f"{method} {path}" for method, path in PROTECTED])
def test_nothing_is_told_or_done_without_the_token(operated: Operated, method: str, path: str) -> None:
    answer = httpx.request(method, f"{operated.gateway.admin}{path}", trust_env=False)
    assert (answer.status_code, answer.json()) == (401, {"error": "the admin token is missing or wrong"})


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        pytest.param(401, {"Authorization": "Bearer wrong"}, id="wrong-token"),
        pytest.param(401, {"Authorization": f"Basic {ADMIN_TOKEN}"}, id="another-scheme"),
        pytest.param(403, {"Origin": "https://evil.example"}, id="from-a-web-page"),
        pytest.param(403, {"Origin": "null"}, id="from-a-sandboxed-page"),
        pytest.param(421, {"Host": "evil.example"}, id="rebound-name"),
        pytest.param(421, {"Host": "127.0.0.1"}, id="another-port"),
    ],
)
def test_who_may_not_ask(operated: Operated, status: int, fields: dict[str, str]) -> None:
    assert operated.operator.get("/status", headers=fields).status_code == status


def test_supervisors_need_no_token_and_learn_nothing_else(operated: Operated) -> None:
    for path in ("/healthz", "/readyz"):
        answer = httpx.get(f"{operated.gateway.admin}{path}", trust_env=False)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        page = httpx.get(f"{operated.gateway.admin}{path}", headers={"Origin": "https://evil.example"})
        assert page.status_code == 403


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        pytest.param(415, b"{}", "text/plain", id="form-a-page-may-send"),
        pytest.param(413, b"{" + b" " * MAX_BODY + b"}", "application/json", id="too-long"),
        pytest.param(400, b"junk", "application/json", id="no-json"),
        pytest.param(400, b"[]", "application/json", id="no-object"),
        pytest.param(400, b'{"hosts": "a"}', "application/json", id="unknown-key"),
        pytest.param(400, b"{}", "application/json", id="nothing-named"),
    ],
)
def test_bodies_that_are_refused(operated: Operated, status: int, content: bytes, kind: str) -> None:
    answer = operated.operator.post("/tunnels/cut", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert "error" in answer.json()


def test_egress_addresses_by_pool(operated: Operated) -> None:
    tunnel = operated.gateway.connect(operated.phone)
    answer = operated.operator.get("/egress").json()
    (pool,) = answer["pools"]
    assert (answer["v"], answer["gateway"], pool["name"], pool["in-zone"]) == (1, "test-gateway", "default", True)
    assert [(each["address"], each["state"]) for each in pool["addresses"]] == [(each, "active") for each in EGRESS]
    assert sum(each["tunnels"] for each in pool["addresses"]) >= 1
    tunnel.connection.close()


def test_status_counts_by_reason(operated: Operated) -> None:
    before = operated.operator.get("/status").json()
    tunnel = operated.gateway.connect(operated.phone)
    assert operated.gateway.connect(operated.phone, "elsewhere.example:443").reason == "go-direct"
    assert operated.gateway.connect(None).reason == "client-certificate-missing"
    after = operated.operator.get("/status").json()
    assert after["ready"] is True
    assert after["tunnels"] >= 1
    assert _more(before, after, "admitted") == {"rule": 1}
    assert _more(before, after, "refused") == {"go-direct": 1, "client-certificate-missing": 1}
    tunnel.connection.close()
    wait_until(lambda: _more(before, operated.operator.get("/status").json(), "ended") == {"closed-by-device": 1})


def _more(before: dict[str, Any], after: dict[str, Any], what: str) -> dict[str, int]:
    return {key: more for key, value in after[what].items() if (more := value - before[what].get(key, 0))}


def test_strangers_that_the_log_leaves_out_are_counted(operated: Operated) -> None:
    def numbers() -> tuple[int, int]:
        shown = operated.operator.get("/status").json()
        return shown["refused"].get("handshake-failed", 0), shown["decision_log"]["left_out"]

    refused, _ = numbers()
    for _ in range(60):
        with socket.create_connection(operated.gateway.address) as stranger:
            stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
            stranger.recv(100)
    wait_until(lambda: numbers()[0] >= refused + 60)
    assert numbers()[1] > 0


@pytest.mark.parametrize(
    "which", [{"device": PHONE.upper()}, {"host": f"{HOST.upper()}."}, {"device": PHONE, "host": HOST}, None]
)
def test_tunnels_are_shown_and_cut(operated: Operated, which: dict[str, str] | None) -> None:
    tunnel = operated.gateway.connect(operated.phone, app="com.example.app")
    shown = operated.operator.get("/tunnels", params=which).json()["tunnels"][-1]
    assert (shown["device"], shown["host"], shown["claimed_app"]) == (PHONE, HOST, "com.example.app")
    assert operated.operator.get("/tunnels", params={"host": "other.example"}).json()["tunnels"] == []
    assert operated.operator.post("/tunnels/cut", json={"host": "other.example"}).json() == {"v": 1, "cut": 0}
    answer = operated.operator.post("/tunnels/cut", json=which or {"id": shown["id"]})
    assert answer.json()["cut"] >= 1
    with pytest.raises(ConnectionResetError):
        tunnel.connection.setblocking(True)
        os.read(tunnel.connection.fileno(), 1)  # the ssl module would make an end of it
    records = operated.gateway.wait_for_decisions(lambda all_: all_[-1]["event"] == "end")
    assert records[-1]["reason"] == "cut-by-admin"


def test_recent_decisions_are_numbered_and_filtered(operated: Operated) -> None:
    first = operated.operator.get("/decisions").json()["last"]
    operated.gateway.connect(operated.phone, "elsewhere.example:443")
    operated.gateway.connect(operated.phone, "sub.elsewhere.example:443")
    answer = operated.operator.get("/decisions", params={"after": first, "host": "*.elsewhere.example"}).json()
    assert [each["host"] for each in answer["decisions"]] == ["sub.elsewhere.example"]
    assert answer["last"] >= first + 2
    assert operated.operator.get("/decisions", params={"after": answer["last"]}).json()["decisions"] == []
    assert operated.operator.get("/decisions", params={"admitted": "perhaps"}).status_code == 400


def test_metrics_have_no_label_from_outside(operated: Operated) -> None:
    operated.gateway.connect(operated.phone, app="evilapp")
    operated.gateway.connect(operated.phone, "evilhost.example:443")
    text = operated.operator.get("/metrics").text
    assert "evil" not in text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    reasons = {sample.labels["reason"]: sample.value for sample in families["tunnel_gateway_refused"].samples}
    assert reasons["go-direct"] >= 1
    (rule,) = {sample.labels["rule"] for sample in families["tunnel_gateway_rule_decisions"].samples}
    assert rule == "identity-providers"
    left = {sample.labels["what"]: sample.value for sample in families["tunnel_gateway_expires_in_seconds"].samples}
    assert 0 < left["gateway-certificate"] < 8 * 86400 < left["device-authority"]
    assert families["tunnel_gateway_posture_age_seconds"].samples[0].value < 60
    assert families["tunnel_gateway_ready"].samples[0].value == 1
    assert 0 < left["uem-token"] <= 3600
    for name in ("tunnels", "connections", "posture_revision", "relayed_bytes", "decision_log_lost_records"):
        assert f"tunnel_gateway_{name}" in families


def test_metrics_say_how_posture_stands(operated: Operated) -> None:
    until = datetime.now(UTC) + timedelta(minutes=5)
    words = {"until": until.isoformat(), "reason": "a test"}
    operated.operator.post("/maintenance", json=words).raise_for_status()
    text = operated.operator.get("/metrics").text
    values = {each.name: each.samples[0].value for each in text_string_to_metric_families(text) if each.samples}
    posture = {name.removeprefix("tunnel_gateway_posture_"): value for name, value in values.items()}
    assert posture["maintenance_until_timestamp_seconds"] == pytest.approx(until.timestamp(), abs=2)
    assert 12 * 3600 <= posture["max_age_seconds"] < 12 * 3600 + 120
    for name in ("half_gone", "alarms", "devices_to_read_again", "events", "unkept"):
        assert posture[name] == 0, name
    assert values["tunnel_gateway_tunnels_on_stale_posture"] == 0


def test_page_tells_of_paths_and_metrics_as_they_are(operated: Operated) -> None:
    page = (Path(__file__).parents[3] / "docs" / "gateway.md").read_text()
    text = operated.operator.get("/metrics").text
    watched = page.partition("### What to watch")[2].partition("### The decision log")[0]
    rows = re.findall(r"^\| (`.*?`) \|", watched, re.MULTILINE)
    names = [name for row in rows for name in re.findall(r"`(\w+)", row)]
    assert len(names) > 10
    assert [name for name in names if f"tunnel_gateway_{name}" not in text] == []
    assert [f"{method} {path}" for method, path in ENDPOINTS if f"`{method} {path}`" not in page] == []
