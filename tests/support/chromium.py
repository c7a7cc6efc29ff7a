"""Debian's Chromium, headless, with a profile of its own; what a test can ask of the page in it.

Nothing is downloaded: the browser and its driver are those of the packages `chromium` and `chromium-driver`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM, DRIVER, CERTUTIL = shutil.which("chromium"), shutil.which("chromedriver"), shutil.which("certutil")
WITHIN = 30.0
"""Seconds that a page may take for something on a busy machine."""
DESKTOP, PHONE = (1280, 900), (390, 844)
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
)


class Browser:
    """One tab. Elements are named by CSS selectors."""

    def __init__(self, driver: Any, selenium: Any) -> None:
        self.driver = driver
        self._selenium = selenium

    def open(self, url: str) -> None:
        self.driver.get(url)

    def look(self, size: tuple[int, int], *, dark: bool = False, still: bool = True) -> None:
        """A window of this size, and what its user prefers."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run JavaScript in the page."""
        return self.driver.execute_script(script, *arguments)

    def texts(self, selector: str) -> list[str]:
        """What can be read in the elements, of those that are shown."""
        script = """return [...document.querySelectorAll(arguments[0])]
            .filter((each) => each.checkVisibility()).map((each) => each.innerText ?? each.textContent)"""
        found: list[str] = self.run(script, selector)
        return found

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        chain = self._selenium.ActionChains(self.driver)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def click(self, selector: str) -> None:
        """Click what a user would: an element that is shown and not covered."""
        element = self.driver.find_element("css selector", selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def fill(self, selector: str, text: str) -> None:
        """Type into a field that is empty, or has something in it."""
        element = self.driver.find_element("css selector", selector)
        element.clear()
        element.send_keys(text)

    @property
    def location(self) -> str:
        """The URL of the page."""
        return str(self.driver.current_url)

    def forget_cookies(self) -> None:
        """What the browser knows of all sites."""
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for what the page will do."""
        deadline = time.monotonic() + WITHIN
        while not condition():
            assert time.monotonic() < deadline, (
                f"{what}; the page says: {self.texts('#story, #trouble, #busy, #rows') or self.texts('body')}"
            )
            time.sleep(0.05)

    def complaints(self) -> list[str]:
        """What stands in the browser's console since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self) -> list[str]:
        """The URLs that the page asked for since the last call."""
        found = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [each["params"]["request"]["url"] for each in found if each["method"] == "Network.requestWillBeSent"]

    def accessible(self) -> list[tuple[str, str]]:
        """Role and name of everything that a screen reader is told of, in the page's order."""
        nodes = self.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        shown = [node for node in nodes if not node["ignored"]]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in shown]


def needed() -> Any:
    """Selenium's webdriver. Skips the test where that, Chromium or its driver is missing."""
    selenium = pytest.importorskip("selenium.webdriver", reason="needs Selenium: pip install '.[browser]'")
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("needs Chromium and its driver: apt-get install chromium chromium-driver")
    return selenium


@contextlib.contextmanager
def chromium(profile: Path, network: str = "--no-proxy-server", authority: str = "") -> Iterator[Browser]:
    """A browser with a fresh `profile`. Skips the test where there is none.

    `network` is its flag for the way out. `authority` is a file with one that this browser alone is to trust.
    """
    selenium = needed()
    options = selenium.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*_FLAGS, network, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    environment = {**os.environ, "HOME": _home(profile, authority)} if authority else None
    driver = selenium.Chrome(options=options, service=selenium.ChromeService(DRIVER, env=environment))
    try:
        yield Browser(driver, selenium)
    finally:
        driver.quit()


def _home(profile: Path, authority: str) -> str:
    """A home directory whose certificates Chromium reads on Linux: NSS's, with the authority for servers."""
    if CERTUTIL is None:
        pytest.skip("needs certutil, to let Chromium trust the lab: apt-get install libnss3-tools")
    home = profile / "home"
    certificates = home / ".pki" / "nssdb"
    certificates.mkdir(parents=True)
    database = f"sql:{certificates}"
    subprocess.run([CERTUTIL, "-N", "-d", database, "--empty-password"], check=True)
    subprocess.run([CERTUTIL, "-A", "-d", database, "-n", "lab", "-t", "C,,", "-i", authority], check=True)
    return str(home)
