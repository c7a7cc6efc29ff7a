"""Take the pictures of the console, `docs/pictures/console*.png`, in Chromium. Run by `make pictures`."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from chromium import DESKTOP, PHONE, Browser, chromium
from running_lab import running_lab

HERE = Path(__file__).parent


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as profile,
        tempfile.TemporaryDirectory() as directory,
        chromium(Path(profile)) as browser,
        running_lab(Path(directory)) as lab,
    ):
        browser.open(lab.new_link())
        browser.look(DESKTOP)
        browser.until(lambda: browser.texts("#connection") == ["live"], "the page has not come up")
        for device, at in (("stranger", "Okta"), ("laptop", "Office 365"), ("android", "Entra")):
            _sign_in(browser, device, at)
        browser.click("#cards li:nth-child(1) .switches label:nth-child(1) input")
        browser.until(lambda: "not compliant" in browser.texts("#cards li")[0], "the UEM does not notice")
        _sign_in(browser, "iphone", "Okta")
        _take(browser, "console", "#main")
        browser.click("[aria-label='Another tool removes 127.42.0.10-127.42.0.11']")
        browser.until(lambda: browser.texts(".due"), "no countdown")
        browser.look(DESKTOP, dark=True)
        _take(browser, "console-decisions", "#decisions")
        _sign_in(browser, "mac", "Entra")
        browser.look(PHONE)
        _take(browser, "console-phone", "#main")


def _sign_in(browser: Browser, device: str, at: str) -> None:
    before = len(browser.texts("#rows tr"))
    browser.click(f"[aria-label='Sign in on {device} at {at}']")
    browser.until(lambda: len(browser.texts("#rows tr")) > before, "the login does not come")


def _take(browser: Browser, name: str, top: str) -> None:
    """What the window shows with the element `top` at its upper end."""
    browser.run("document.activeElement.blur(); document.querySelector(arguments[0]).scrollIntoView()", top)
    browser.run("if (arguments[0] === '#main') scrollTo(0, 0)", top)
    picture = browser.driver.execute_cdp_cmd("Page.captureScreenshot", {"optimizeForSpeed": False})
    (HERE / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))


if __name__ == "__main__":
    main()
