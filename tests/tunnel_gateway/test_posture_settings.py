"""What an operator may write of posture, events and rules, and what each mistake reads like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from running_gateway import DECIDED, RULES, Surroundings, configuration

from dtr_rules import Platform
from dtr_rules.source import UnusableFileError
from lab.authority import write_private
from tunnel_gateway.admission import Admission, Treatment
from tunnel_gateway.assembly.whole import assemble, draft
from tunnel_gateway.posture.model import Compliance, Ownership

INTERNAL = "version: 1\nname: internal\nmode: full-device\ndefault: block\nrules:\n"
EVENTS: dict[str, Any] = {"listen": "127.0.0.1:0", "user": "uem", "password-file": "events.password"}


def _written(surroundings: Surroundings, directory: Path, **changes: Any) -> Path:
    """The configuration of a good gateway, with `posture` and `rules` changed key by key."""
    path = configuration(surroundings, directory)
    write_private(directory / "events.password", b"a-password-for-events")
    file = yaml.safe_load(path.read_text())
    file["posture"] |= changes.pop("posture", {})
    path.write_text(yaml.safe_dump(file | changes))
    return path


def _rule(action: str, host: str) -> str:
    return INTERNAL + f"  - {{name: r, apps: all, action: {action}, to: ['{host}']}}\n"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(
            {"posture": {"compliance": DECIDED | {"pending": "admitt"}}},
            "unknown pending 'admitt' (did you mean 'admit'?); allowed: refuse, admit",
            id="treatment",
        ),
        pytest.param(
            {"posture": {"compliance": DECIDED | {"not-compliant": "admit"}}},
            "unknown key 'not-compliant'",
            id="what-cannot-be-decided",
        ),
        pytest.param(
            {"posture": {"compliance": DECIDED | {"quarantined": "restrict"}}},
            "restrict needs a rule file for restricted devices",
            id="restrict-without-rules",
        ),
        pytest.param({"posture": {"compromised-unknown": {"ios": "restrict"}}}, "'restrict'", id="compromised"),
        pytest.param({"posture": {"live-on-stale": "keep"}}, "live-on-stale", id="live-on-stale"),
        pytest.param(
            {"posture": {"events": EVENTS | {"listen": "192.0.2.1:1"}}}, "needs tls", id="events-in-the-clear"
        ),
        pytest.param(
            {
                "posture": {
                    "events": EVENTS
                    | {"listen": "0.0.0.0:1", "tls": {"certificate": "gateway.pem", "key": "gateway.key"}}
                }
            },
            "needs hosts",
            id="events-by-any-name",
        ),
        pytest.param({"posture": {"events": EVENTS | {"password-file": "none"}}}, "none", id="events-without-password"),
        pytest.param(
            {"posture": {"events": EVENTS | {"password-file": "short"}}},
            "short holds a secret of fewer than 16 characters, which could be guessed",
            id="password-that-can-be-guessed",
        ),
        pytest.param(
            {"admin": {"socket": "admin.sock", "token-file": "short"}},
            "short holds a secret of fewer than 32 characters, which could be guessed; make one: openssl rand",
            id="token-that-can-be-guessed",
        ),
        pytest.param(
            {"rules": {"file": "rules.yaml", "groups": [{"file": "rules.yaml"}]}}, "needs a condition", id="group"
        ),
        pytest.param({"rules": {"file": "rules.yaml", "report-only": "no.yaml"}}, "no.yaml", id="report-only-file"),
        pytest.param(
            {"rules": {"file": "rules.yaml", "report-only-rules": ["male"]}}, "is named 'male'", id="report-only-rule"
        ),
        *(
            pytest.param({"rules": {"file": "rules.yaml", "compliance": f"{name}.yaml"}}, f"tunnels {host}", id=name)
            for name, host in (
                ("okta", "acme.okta.com"),
                ("entra", "login.microsoftonline.com"),
                ("any-okta", "acme.okta.com"),
            )
        ),
    ],
)
def test_mistake_is_shown_with_its_mend(
    surroundings: Surroundings, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    write_private(tmp_path / "short", b"0123456789abcde")
    (tmp_path / "okta.yaml").write_text(_rule("tunnel", "acme.okta.com"))
    (tmp_path / "entra.yaml").write_text(_rule("tunnel", "*.microsoftonline.com"))
    (tmp_path / "any-okta.yaml").write_text(_rule("tunnel", "*okta.com"))
    with pytest.raises(UnusableFileError) as error:
        draft(_written(surroundings, tmp_path, **changes))
    assert words in str(error.value)


def test_everything_that_can_be_said_is_understood(surroundings: Surroundings, tmp_path: Path) -> None:
    (tmp_path / "internal.yaml").write_text(_rule("tunnel", "*.corp.example"))
    (tmp_path / "sales.yaml").write_text(RULES.replace("name: login", "name: sales"))
    posture = {
        "compliance": {
            "pending": "refuse",
            "not-available": "refuse",
            "unknown": "refuse",
            "quarantined": "restrict",
            "not-applicable": "admit",
        },
        "compromised-unknown": {"android": "admit"},
        "live-on-stale": {"keep-for": "1h"},
        "longest-maintenance": "2d",
        "events": EVENTS,
    }
    rules = {
        "file": "rules.yaml",
        "groups": [{"file": "sales.yaml", "organization-groups": ["SALES"], "ownership": ["employee"]}],
        "compliance": "internal.yaml",
        "report-only": "sales.yaml",
        "report-only-rules": ["mail"],
    }
    found = draft(_written(surroundings, tmp_path, posture=posture, rules=rules))
    policy = found.policy
    assert policy.treatments[Compliance.PENDING_FOR_A_POLICY] is Treatment.REFUSE
    assert policy.treatments[Compliance.QUARANTINED] is Treatment.RESTRICT
    assert policy.treatments[Compliance.NOT_APPLICABLE] is Treatment.ADMIT
    assert policy.silent_on_compromise == {Platform.ANDROID, Platform.MACOS, Platform.WINDOWS}
    names = {}
    for name, device in {
        "anybody": Admission("a", Platform.IOS),
        "sales": Admission("a", Platform.IOS, "Sales", "", Ownership.EMPLOYEE),
        "restricted": Admission("a", Platform.IOS, "Sales", "", Ownership.EMPLOYEE, restricted=True),
    }.items():
        applied = found.book.rules_for(device)
        assert applied is not None
        names[name] = (applied.active.rule_set.name, len(applied.active.rule_set.rules), len(applied.reported))
    assert names == {"anybody": ("login", 1, 2), "sales": ("sales", 1, 2), "restricted": ("internal", 1, 0)}


def test_rule_that_only_reports_may_be_one_of_any_set(surroundings: Surroundings, tmp_path: Path) -> None:
    """In a restricted device's set, too: what only reports there is no way to an identity provider."""
    (tmp_path / "internal.yaml").write_text(_rule("tunnel", "acme.okta.com"))
    (tmp_path / "sales.yaml").write_text(RULES.replace("name: mail", "name: post"))
    rules = {
        "file": "rules.yaml",
        "groups": [{"file": "sales.yaml", "ownership": ["employee"]}],
        "compliance": "internal.yaml",
        "report-only-rules": ["post", "r"],
    }
    book = draft(_written(surroundings, tmp_path, rules=rules)).book
    assert [len(each.rules) for each in book.rule_sets] == [2, 1, 0]


def test_undecided_value_keeps_the_gateway_from_running_alone(surroundings: Surroundings, tmp_path: Path) -> None:
    path = _written(surroundings, tmp_path, posture={"compliance": {}})
    assert draft(path).policy.treatments == {
        Compliance(each): Treatment.REFUSE
        for each in ("not-applicable", "allowed", "registration-active", "registration-expired")
    }
    with pytest.raises(UnusableFileError, match="are pending, not-available, unknown, quarantined; decide each"):
        assemble(path)
    assert not (tmp_path / "state.sqlite").exists()
