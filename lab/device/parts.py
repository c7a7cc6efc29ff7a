"""Which apps of a device take part in a sign-in: the app's surface, and what is installed, decide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab.device.apps import App, Surface


@dataclass(frozen=True, slots=True)
class Parts:
    """Who shows the pages, who redeems the code, who then asks for tokens (RFC 8252: user-agent and app).

    `extension` answers for its identity provider's hosts in the place of `pages`.
    """

    pages: App
    redeems: App
    asks: App
    extension: App | None = None


def parts_of(app: App, *, beside: Iterable[App], browser: App, has_brokers: bool) -> Parts:
    """The parts in a sign-in of `app` on a device that has the apps `beside` it.

    `browser` opens pages that leave their app; `has_brokers` is whether brokers serve the identity provider.

    Native mail: the Settings app does it all, so no rule applies (Omnissa Tech Zone). Broker: it shows the page, and
    the app that asked is then judged by its own address, too (the same). Without the broker the login leaves the app
    for the system browser, as Microsoft's libraries have it.
    """
    helper = next((each for each in beside if each.key == app.through), None)
    match app.surface:
        case Surface.NATIVE_MAIL if helper is not None:
            return Parts(helper, helper, helper)
        case Surface.BROKER if has_brokers and helper is not None:
            return Parts(helper, helper, app)
        case Surface.BROKER if has_brokers:
            return Parts(browser, app, app)
        case Surface.SYSTEM_BROWSER | Surface.SSO_EXTENSION:
            return Parts(browser, app, app, helper)
        case _:
            return Parts(app, app, app)
