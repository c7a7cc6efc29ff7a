"""A whole world for programs that somebody else wrote: four computers, each with a proxy that makes them its apps.

The world runs in a thread of its own, so that programs and libraries that wait can be used as they are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from dtr_rules import Platform
from lab import okta
from lab.device import find_app
from lab.device.forms import read_page
from lab.device.proxy import DeviceProxy, loopback_socket
from lab.logbooks import Mark, Pages, mark, pages_since
from lab.network import LOOK_ALIKE_HOST
from lab.operations import Operations
from lab.plan import DevicePlan, WorldPlan
from lab.roster import usual_rules
from lab.world import World, running_world

T = TypeVar("T")

COMPLIANT, BREAKS_POLICY, UNMANAGED, CHANGES = "mac", "old-mac", "private-mac", "test-mac"
BROWSER = find_app(Platform.MACOS, "chrome")
MAX_STEPS = 20

_BLOCK = f"""rules:
  - name: look-alikes
    platforms: [macos]
    apps: all
    action: block
    to: ["{LOOK_ALIKE_HOST}"]
"""


@dataclass
class ClientLab:
    """The running world. `BREAKS_POLICY` has kept its VPN profile, `UNMANAGED` has never had one.

    `CHANGES` is compliant, and again after every test that changes it. Okta asks Anna for a second factor.
    """

    world: World
    operations: Operations
    portal: BlockingPortal
    proxies: dict[str, DeviceProxy] = field(default_factory=dict)

    @property
    def authority(self) -> str:
        """The file with the authority that programs have to trust."""
        return str(self.world.directory.authority)

    def wait_for(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run something of the world, in its thread."""
        return self.portal.call(work)

    def mark(self) -> Mark:
        return mark(self.world)

    def pages_since(self, begin: Mark) -> Pages:
        """What all parties wrote down since then."""
        return self.wait_for(lambda: pages_since(self.world, begin))

    def client(self, device: str) -> httpx.Client:
        """What a program on the device opens web pages with."""
        return httpx.Client(proxy=self.proxies[device].url, verify=self.world.trust, trust_env=False, timeout=20)

    def sign_in(self, device: str, url: str, redirect_uri: str, *, person: str = "anna") -> dict[str, str]:
        """Open a login page, fill in what it asks for, and return what it gives back to the program."""
        who = self.world.people[person]
        with self.client(device) as browser:
            answer = browser.get(url)
            for _ in range(MAX_STEPS):
                if answer.is_redirect:
                    target = answer.url.join(answer.headers["location"])
                    if str(target).partition("?")[0] == redirect_uri:
                        return dict(target.params)
                    answer = browser.get(target)
                    continue
                page = read_page(answer.text, str(answer.url))
                assert page.form is not None, page.text
                if page.form.action == redirect_uri:
                    return page.form.filled("", "")
                answer = browser.post(page.form.action, data=page.form.filled(who.user, who.password, who.code))
        raise AssertionError(f"the sign-in took more than {MAX_STEPS} steps")


@contextmanager
def client_lab() -> Iterator[ClientLab]:
    """Start it; nothing of it stays."""
    names = (COMPLIANT, BREAKS_POLICY, UNMANAGED, CHANGES)
    rules = usual_rules(Platform.MACOS).read_text(encoding="utf-8").replace("rules:\n", _BLOCK, 1)
    plan = WorldPlan(
        rules=rules,
        devices=tuple(DevicePlan(name=name, platform=Platform.MACOS) for name in names),
        egress_admitted=True,
    )
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        world = stack.enter_context(portal.wrap_async_context_manager(running_world(plan)))
        operations = Operations(world)
        lab = ClientLab(world, operations, portal)
        portal.call(_ask_anna_for_a_second_factor, world)
        fleet = operations.fleet
        for name in (COMPLIANT, BREAKS_POLICY, CHANGES):
            portal.call(fleet.enrol, name)
        portal.call(lambda: fleet.set_passcode(BREAKS_POLICY, present=False))
        for name in names:
            proxy = DeviceProxy(world.devices[name], BROWSER, loopback_socket())
            lab.proxies[name] = stack.enter_context(portal.wrap_async_context_manager(proxy))
        yield lab


async def _ask_anna_for_a_second_factor(world: World) -> None:
    """By a rule of her own, before the one that asks all others for a password."""
    org = world.servers.okta
    anna, zone = org.user(okta.acme.LOGIN), org.zones.named(okta.acme.ZONE_NAME)
    assert anna is not None
    method = {"factorMode": "2FA", "type": "ASSURANCE", "reauthenticateIn": "PT12H"}
    rule = {
        "name": "Anna, from the tunnel",
        "type": "ACCESS_POLICY",
        "priority": 0,
        "conditions": {
            "people": {"users": {"include": [anna.id]}},
            "network": {"connection": "ZONE", "include": [zone.id]},
        },
        "actions": {"appSignOn": {"access": "ALLOW", "verificationMethod": method}},
    }
    url = f"{world.access.okta_url}/api/v1/policies/{org.apps[okta.acme.CLIENT_ID].policy_id}/rules"
    headers = {"Authorization": f"SSWS {world.access.okta_token}"}
    (await world.http.post(url, json=rule, headers=headers)).raise_for_status()
