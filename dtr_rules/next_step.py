"""What a device does with a decision, in one sentence."""

from __future__ import annotations

from dtr_rules.flow_words import endpoint
from dtr_rules.model import Action, Decision, Flow
from dtr_rules.reasons import DecisionReason


def next_step(decision: Decision, flow: Flow) -> str:
    """The sentence for `decision` on `flow`. It speaks of the device; a gateway may still refuse what it
    sends."""
    if decision.reason is DecisionReason.LOOPBACK:
        return "The app talks to the device itself; nothing leaves it."
    if decision.reason is DecisionReason.NOT_IN_VPN_PROFILE:
        return f"The Tunnel client never sees this traffic: {_directly(flow)}"
    if decision.reason is DecisionReason.GO_DIRECT:
        return f"The Tunnel client stands down on a trusted network: {_directly(flow)}"
    return _by_action(decision, flow)


def _by_action(decision: Decision, flow: Flow) -> str:
    there, proxy = endpoint(flow), decision.proxy
    match decision.action:
        case Action.TUNNEL:
            return (
                f"The Tunnel client asks the gateway for {there} with the device's certificate; "
                "if the gateway admits it, the server sees an egress address."
            )
        case Action.BYPASS:
            directly = _directly(flow)
            return directly[0].upper() + directly[1:]
        case Action.BLOCK:
            return f"The Tunnel client drops the connection to {there}; the app usually shows a time-out."
        case Action.PROXY:
            return f"The device sends it to the proxy {proxy}; the server sees the proxy's address."
        case Action.TUNNEL_PROXY:
            return f"The Tunnel client sends it through the gateway to the proxy {proxy}; the server sees the proxy."
        case Action.WEB_PROXY:
            return f"The device sends it to the web proxy {proxy}, which answers for {there}."


def _directly(flow: Flow) -> str:
    return f"the device connects to {endpoint(flow)} directly, and the server sees the device's own address."
