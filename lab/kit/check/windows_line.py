"""A line that installs Okta Verify on Windows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from dtr_rules.lint.finding import Severity
from dtr_rules.mistakes import Place
from lab.kit.check import values
from lab.kit.check.expected import Expected
from lab.kit.check.finding import Finding
from lab.kit.okta_names import WINDOWS_OPTIONS, WINDOWS_ORG_URL
from lab.kit.windows_install import INSTALLER

_SOURCE: Final = "Okta help, Okta Verify configurations for Windows devices"
_INSTALLER: Final = re.compile(r"OktaVerify[\w.-]*\.(exe|msi)", re.IGNORECASE)
_QUIET: Final = re.compile(r"(?<!\S)[/-]{1,2}(q|qn|quiet|silent|s)(?!\S)", re.IGNORECASE)
_OPTION: Final = re.compile(
    r'(?<!\S)(?P<lead>[/-]*)(?P<name>[A-Za-z][A-Za-z.]*)(?P<gap>\s*(?:=|:)\s*|\s+=\s*)(?P<value>"[^"]*"|\S+)'
)
_CURLY: Final = re.compile("[“”„‘’«»]")


def is_install_line(text: str) -> bool:
    """Whether `text` looks like one."""
    return _INSTALLER.search(text) is not None or re.search(r"\borg-?url\s*=", text, re.IGNORECASE) is not None


def check_install_line(text: str, file: str, expected: Expected) -> Iterator[Finding]:
    """The first line of `text` that installs Okta Verify."""
    number, line = next((pair for pair in enumerate(text.splitlines(), 1) if is_install_line(pair[1])), (1, ""))

    def at(column: int, message: str, fix: str, severity: Severity = Severity.ERROR) -> Finding:
        return Finding(Place(file, number, column + 1), severity, message, fix, _SOURCE)

    curly = _CURLY.search(line)
    if curly is not None:
        yield at(curly.start(), "typographic quotation marks, which Windows takes for text", 'write plain ones: "')
    installer = _INSTALLER.search(line)
    if installer is None:
        yield at(0, "no installer is named", f"begin with the installer, such as {INSTALLER}")
    elif "x.x.x" in installer[0]:
        yield at(
            installer.start(), "the name of the installer is the manual's", "name the file you uploaded", Severity.NOTE
        )
    if _QUIET.search(line) is None:
        words = "not quiet: people see the installer, and may cancel it"
        yield at(installer.end() if installer else 0, words, "add /q", Severity.WARNING)
    options = list(_OPTION.finditer(line))
    for option in options:
        yield from (
            at(option.start() + column, message, fix, severity)
            for column, message, fix, severity in _option(option, expected)
        )
    if not any(_name(option) == WINDOWS_ORG_URL for option in options):
        words = (
            f"{WINDOWS_ORG_URL} is missing: people have to type the URL, and an app without an account is not updated"
        )
        right = f"{WINDOWS_ORG_URL}=https://{expected.custom_domain or expected.org_host or 'acme.okta.com'}"
        yield at(len(line.rstrip()), words, f"add {right}")


def _name(option: re.Match[str]) -> str | None:
    """The option that is meant; capital and small letters are the same to an installer."""
    return values.near_key(option["name"], WINDOWS_OPTIONS)


def _option(option: re.Match[str], expected: Expected) -> Iterator[tuple[int, str, str, Severity]]:
    name, value = _name(option), option["value"].strip('"')
    if name is None:
        if option["gap"].strip() == "=":
            words = f"'{option['name']}' is no option that a public page of Okta names"
            yield 0, words, "compare with Okta's page", Severity.NOTE
        return
    if option["name"].lower() != name.lower():
        words = f"'{option['name']}' is no option (did you mean '{name}'?)"
        yield 0, words, f"write {name}", Severity.ERROR
    if option["lead"] or option["gap"] != "=":
        yield (
            0,
            f"an option is written {name}=VALUE, without spaces, dashes or slashes",
            f"write {name}={'VALUE' if name == 'ClientSecret' else value}",
            Severity.ERROR,
        )
    if name == WINDOWS_ORG_URL:
        wrong = values.org_url(value, expected)
        if wrong is not None:
            severity = Severity.WARNING if wrong.severity is Severity.NOTE else wrong.severity
            yield option.start("value") - option.start(), wrong.message, wrong.fix, severity
    if name == "ClientSecret":
        words = "a secret on a command line: every program on the device can read it"
        yield 0, words, "look at Okta's page for another way", Severity.WARNING
