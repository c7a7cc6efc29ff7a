"""UEM JSON by chance: rule sets as a device gets them, with keys that nobody has foreseen."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dtr_rules.characters import strange_in_value

PLATFORMS = ("APPLE", "ANDROID", "WIN_RT", "APPLE_OS_X")
ACTIONS = ("TUNNEL", "BYPASS", "BLOCK", "PROXY", "TUNNELPROXY", "WEBPROXY")
NEEDS_PROXY = ACTIONS[3:]
APPS = ("com.example.mail", "com.example.chat", r"C:\Program Files\a.exe")
HOSTS = ("acme.okta.com", "*.example.com", "*tenant.okta.com", "203.0.113.0/24:443", "LOGIN.example")
PROXIES = ("https://proxy.example:1234", "HTTPS://Proxy.Example:1234", "proxy.example:8080")

texts = st.text(max_size=8).filter(lambda text: strange_in_value(text) is None)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
unforeseen = st.dictionaries(
    st.sampled_from(("id", "uuid", "x", "name", "0", "", "yes", "ünï", "rule-set")), values, max_size=3
)


def _blurred(hosts: list[str]) -> st.SearchStrategy[list[str]]:
    """The same destinations as a person may have pasted them: spaces, empty ones, several in one."""
    blurs = st.sampled_from(
        (lambda text: text, lambda text: f" {text}", lambda text: f"{text} ,", lambda text: f"{text},b.example")
    )
    return st.lists(blurs, min_size=len(hosts), max_size=len(hosts)).map(
        lambda found: [blur(host) for blur, host in zip(found, hosts, strict=True)]
    )


@st.composite
def applications(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = draw(st.lists(st.sampled_from(APPS), max_size=3))
    return [{**draw(unforeseen), "bundle_id": app} for app in found]


@st.composite
def rules(draw: st.DrawFn, rank: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(ACTIONS))
    action: dict[str, Any] = {**draw(unforeseen), "type": kind}
    if kind in NEEDS_PROXY:
        action["host"] = draw(st.sampled_from(PROXIES))
    elif draw(st.booleans()):
        action["host"] = draw(scalars)
    rule: dict[str, Any] = {**draw(unforeseen), "action": action}
    listed = draw(st.lists(st.sampled_from(HOSTS), min_size=1, max_size=4).flatmap(_blurred))
    rule[draw(st.sampled_from(("destinations", "destinations", "domains")))] = listed
    if draw(st.booleans()):
        rule["applications"] = draw(st.none() | applications())
    if draw(st.booleans()):
        rule["serial_number"] = draw(st.sampled_from((str(rank), rank, "first", None)))
    return rule


@st.composite
def entries(draw: st.DrawFn, platform: str, shared: list[dict[str, Any]]) -> dict[str, Any]:
    """One platform's entry; some of its rules are those of other platforms."""
    entry: dict[str, Any] = {**draw(unforeseen), "platform": platform}
    if draw(st.booleans()):
        entry["rules"] = [
            draw(st.sampled_from(shared)) if shared and draw(st.booleans()) else draw(rules(rank))
            for rank in range(1, 1 + draw(st.integers(0, 4)))
        ]
        for rule in entry["rules"]:
            rule.pop("serial_number", None) if rule in shared else None
        shared += entry["rules"]
    elif draw(st.booleans()):
        entry["rules"] = None
    return entry


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    default = draw(st.sampled_from(ACTIONS))
    shared: list[dict[str, Any]] = []
    platforms = draw(st.lists(st.sampled_from(PLATFORMS), unique=True))
    payload = [draw(entries(platform, shared)) for platform in platforms]
    if draw(st.booleans()):
        payload.insert(
            0, {**draw(unforeseen), "platform": draw(st.sampled_from(("LINUX", None, ["APPLE"]))), "rules": 1}
        )
    rule_set: dict[str, Any] = {
        **draw(unforeseen),
        "tunnel_mode": draw(st.sampled_from(("PERAPP_TUNNEL", "FULL_TUNNEL"))),
        "default_action": default,
        "payload": payload,
    }
    if default in NEEDS_PROXY:
        proxy = draw(st.sampled_from(PROXIES))
        rule_set["default_action_proxy"] = draw(st.sampled_from((proxy, {"host": proxy, "authentication": "NONE"})))
    elif draw(st.booleans()):
        rule_set["default_action_proxy"] = draw(scalars)
    if draw(st.booleans()):
        return rule_set
    return {**draw(unforeseen), "meta": draw(values), "device_traffic_rule_set": rule_set}
