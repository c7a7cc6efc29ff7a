"""Why a decision came out as it did: the part of the project's closed vocabulary that rule sets can produce.

`tunnel_gateway.reasons` holds the whole vocabulary; these six words stand there too, with the same meaning.
"""

from enum import StrEnum


class DecisionReason(StrEnum):
    """Why a rule set decided as it did. Stable strings: logs, reports and tests rest on them."""

    RULE = "rule"
    """A rule matched; the decision names it."""
    DEFAULT_ACTION = "default-action"
    """No rule matched; the set's default action, which always comes last, decided."""
    NOT_IN_VPN_PROFILE = "not-in-vpn-profile"
    """The app does not carry the VPN profile: a per-app client never sees its traffic."""
    SAFARI_HAS_NO_DEFAULT = "safari-has-no-default"
    """No rule matched, and the default action does not apply to Safari: its traffic goes direct."""
    LOOPBACK = "loopback"
    """The device itself is the destination: always direct."""
    GO_DIRECT = "go-direct"
    """The device is on a trusted network, where the client stands down."""
