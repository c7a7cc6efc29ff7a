"""The PAC file of one app on a device, made from the rules that are installed now."""

from __future__ import annotations

from typing import Final

from dtr_rules.formats.pac import Asking, write_pac
from lab.device.apps import App
from lab.device.device import Device

CONTENT_TYPE: Final = "application/x-ns-proxy-autoconfig"
_EVERYTHING: Final = 'function FindProxyForURL(url, host) {{ return "{answer}"; }}\n'


def pac_file(device: Device, app: App, proxy: str) -> str:
    """The script. What would go into the tunnel, and what would go direct, both go to the `proxy` (`host:port`).

    Direct ones too, because only there the lab's host names lead to the lab; the proxy sends them from the device's own
    address. Raises dtr_rules.formats.pac.NotInPacError.
    """
    answer = f"PROXY {proxy}"
    if device.profile is None:
        return _EVERYTHING.format(answer=answer)
    asking = Asking(device.platform, app.id, tunnel=answer, direct=answer)
    return write_pac(device.profile.rules.rule_set, asking)
