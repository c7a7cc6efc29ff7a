"""Mistakes in a scenario are told with their places, and all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from dtr_rules import UnusableFileError
from lab.runner.choosing import ScenarioUnknownError, chosen, own_scenarios
from lab.runner.reading import read_scenario

GOOD = """\
version: 1
title: A phone
learn: [Something.]
world:
  devices:
    iphone: {platform: ios}
steps:
  - enrol: iphone
  - passcode: {device: iphone, present: false}
    expect:
      gateway: {did: refused}
"""


def mistakes(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UnusableFileError) as caught:
        read_scenario(path)
    return [str(mistake).removeprefix(f"{path}:") for mistake in caught.value.mistakes]


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    found = read_scenario(path)
    assert (found.name, found.content.title, [device.name for device in found.plan.devices]) == (
        "mine",
        "A phone",
        ["iphone"],
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("enrol:", "enroll:", "8:5: unknown key 'enroll' (did you mean 'enrol'?)", id="unknown-step"),
        pytest.param(
            "enrol: iphone",
            "enrol: ipone",
            "8:12: unknown device 'ipone' (did you mean 'iphone'?); there are iphone",
            id="unknown-device",
        ),
        pytest.param(
            "{device: iphone, ",
            "{device: pad, ",
            "9:24: unknown device 'pad'; there are iphone",
            id="device-in-a-mapping",
        ),
        pytest.param(
            "{platform: ios}",
            "{platform: ios, user: ana}",
            "6:35: unknown person 'ana' (did you mean 'anna'?); there are anna, ben",
            id="unknown-person",
        ),
        pytest.param(
            "platform: ios", "platform: iso", "6:24: unknown platform 'iso' (did you mean 'ios'?)", id="platform"
        ),
        pytest.param(
            "platform: ios",
            "platform: linux",
            "6:24: unknown platform 'linux'; allowed: ios, android, windows, macos",
            id="a-platform-without-a-device",
        ),
        pytest.param(
            "did: refused", "did: refussed", "11:22: unknown did 'refussed' (did you mean 'refused'?)", id="expected"
        ),
        pytest.param("gateway: {", "gatway: {", "11:7: unknown key 'gatway' (did you mean 'gateway'?)", id="observer"),
        pytest.param(
            "  - enrol: iphone",
            "  - {enrol: iphone, check-in: iphone}",
            "8:31: a step does one thing: 'enrol' and 'check-in' are two steps",
            id="two-verbs",
        ),
        pytest.param(
            "  - enrol: iphone",
            "  - expect: {gateway: {did: refused}}",
            "8:5: a step does one thing: a verb is missing",
            id="no-verb",
        ),
        pytest.param(
            "  devices:", "  rules: r.yaml\n  devices:", "5:10: there is no rule file 'r.yaml' beside", id="rules"
        ),
        pytest.param(
            "  devices:",
            "  okta: {zone-dely: 60s}\n  devices:",
            "5:10: unknown key 'zone-dely' (did you mean",
            id="knob",
        ),
        pytest.param(
            "  devices:",
            "  okta: {zone-delay: 60}\n  devices:",
            "5:22: zone-delay 60: must be a time with its",
            id="time",
        ),
        pytest.param(
            "  - passcode: {device: iphone, present: false}",
            "  - sign-in: {device: iphone, app: outlok, at: okta}",
            "9:36: no app 'outlok' on ios (did you mean 'outlook'?); there are outlook,",
            id="unknown-app",
        ),
        pytest.param(
            "gateway: {did: refused}", "gateway: {}", "11:16: nothing is expected of 'gateway'", id="empty-expectation"
        ),
        pytest.param(
            "    expect:\n      gateway: {did: refused}\n",
            "",
            "8:3: no step expects anything: give one an 'expect'",
            id="no-expectation",
        ),
        pytest.param(
            "  devices:",
            "  okta-zones: {sources: {exec: {command: [id]}}}\n  devices:",
            "5:32: 'sources.exec' is not a scenario's to set; it may set owned-prefixes, ",
            id="a-command-of-a-stranger",
        ),
        pytest.param(
            "  devices:",
            "  gateway: {decision-log: /tmp/elsewhere, posture: {max-age: 2s}}\n  devices:",
            "5:27: 'decision-log' is not a scenario's to set; it may set device-certificates.newest-only, egress, ",
            id="a-file-of-the-machine",
        ),
        pytest.param(
            "  devices:",
            "  gateway: {posture: {uem: {url: 'https://elsewhere.example'}}}\n  devices:",
            "5:28: 'posture.uem' is not a scenario's to set; it may set ",
            id="somebody-else's-server",
        ),
        pytest.param(
            "  devices:",
            "  gateway: {egress: [127.42.0.10, {address: 192.168.1.5}]}\n  devices:",
            "5:45: the lab's gateway leaves from 127.42.0.0/24 alone",
            id="an-address-of-the-machine",
        ),
        pytest.param(
            "  - passcode: {device: iphone, present: false}",
            "  - okta-zones: apply --config /etc/okta-zones.yaml",
            "9:17: okta-zones 'apply --config /etc/okta-zones.yaml': '--config' is not for scenarios; there are ",
            id="a-real-tenant",
        ),
        pytest.param(
            "  - passcode: {device: iphone, present: false}",
            "  - okta-zones: adopt",
            "9:17: okta-zones 'adopt': 'adopt' is not for scenarios; there are plan, apply, ",
            id="a-verb-that-is-not-for-scenarios",
        ),
        pytest.param("learn: [Something.]", "learn: []", "3:8: learn must not be empty", id="nothing-to-learn"),
    ],
)
def test_a_mistake_has_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    (found,) = mistakes(tmp_path, GOOD.replace(old, new, 1))
    assert found.startswith(expected)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("enrol: iphone", "enrol: a").replace("device: iphone", "device: b")
    assert len(mistakes(tmp_path, text)) == 2


def test_a_rule_file_with_mistakes_is_told_by_its_own_places(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("version: 1\nname: r\nmode: per-ap\ndefault: bypass\nrules: []\n")
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.replace("  devices:", "  rules: r.yaml\n  devices:"))
    with pytest.raises(UnusableFileError) as caught:
        read_scenario(path)
    assert str(caught.value).startswith(f"{tmp_path / 'r.yaml'}:3:7: unknown mode 'per-ap'")


def test_scenarios_are_chosen_by_name_file_or_all() -> None:
    own = own_scenarios()
    assert len(chosen(["all"])) == len(own)
    assert len(chosen(["all", "compliant-ios"])) == len(own), "each once"
    assert chosen(["mine.yaml"]) == [Path("mine.yaml")]
    with pytest.raises(ScenarioUnknownError, match="did you mean 'compliant-ios'"):
        chosen(["complaint-ios"])
