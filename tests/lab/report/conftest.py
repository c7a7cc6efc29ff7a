from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lab.device import Path, Refusal
from lab.device.outcome import Outcome
from lab.record import (
    Check,
    Connection,
    Decision,
    Entry,
    Login,
    LoginKind,
    Observer,
    Party,
    PartyKind,
    Provider,
    Run,
    Step,
    ZoneMoment,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
OKTA, CUSTOM, ENTRA = "acme.okta.com", "login.acme.example", "login.microsoftonline.com"
UDID = "00008101-000A1C2E3F40001E"
OUTLOOK, BROKER = "com.microsoft.Office.Outlook", "com.microsoft.azureauthenticator"
ZONE = "127.42.0.10-127.42.0.11"


def entry(provider: Provider, event: str, address: str, result: str, **more: str | int) -> Entry:
    return Entry(provider=provider, time=NOON, event=event, address=address, result=result, **more)  # type: ignore[arg-type]


def login(number: int, outcome: Outcome, **parts: object) -> Login:
    usual: dict[str, object] = {
        "step": number,
        "kind": LoginKind.SIGN_IN,
        "device": "iphone",
        "platform": "ios",
        "app": OUTLOOK,
        "app_name": "Outlook",
        "surface": "broker",
        "at": "okta",
        "user": "anna@acme.example",
        "time": NOON,
        "connections": (),
        "decisions": (),
        "entries": (),
    }
    return Login(number=number, outcome=outcome, **(usual | parts))  # type: ignore[arg-type]


def admitted() -> Login:
    connection = Connection(
        opened_by=BROKER,
        host=OKTA,
        port=443,
        path=Path.TUNNEL,
        why="tunnelled by rule identity-providers",
        source="127.42.0.10",
        decision_id="d1",
    )
    decision = Decision(
        decision_id="d1",
        time="2026-05-04T11:58:01.000Z",
        admitted=True,
        stage="decision",
        reason="rule",
        host=OKTA,
        rule="gateway-rule",
        egress="127.42.0.10",
        udid=UDID,
        claimed_app=BROKER,
        posture_age=7.25,
    )
    judged = {"by": "From the tunnel", "zone": "Tunnel egress"}
    return login(
        1,
        Outcome.ALLOWED,
        connections=(connection, connection),
        decisions=(decision,),
        entries=(entry(Provider.OKTA, "policy.evaluate_sign_on", "127.42.0.10", "ALLOW", **judged),),
        asked=("password",),
    )


def refused() -> Login:
    refusal = Refusal(403, "device-not-compliant", "the UEM says so", "Set a passcode.", "d2")
    connection = Connection(
        opened_by=OUTLOOK,
        host=OKTA,
        port=443,
        path=Path.TUNNEL,
        why="tunnelled by rule identity-providers",
        decision_id="d2",
        refusal=refusal,
        failure="the UEM says so",
    )
    decision = Decision(
        decision_id="d2",
        time="2026-05-04T11:58:02.000Z",
        admitted=False,
        stage="admission",
        reason="device-not-compliant",
        detail="the UEM says so",
        udid=UDID,
    )
    parts = {"connections": (connection,), "decisions": (decision,), "refusal": refusal, "words": "the UEM says so"}
    return login(2, Outcome.NEVER_REACHED, **parts)


def past_the_gateway() -> Login:
    why = "no VPN profile is installed"
    reached = [
        Connection(opened_by=OUTLOOK, host=host, port=443, path=Path.DIRECT, why=why, source="127.43.0.11")
        for host in (ENTRA, CUSTOM)
    ]
    blocked = {"code": 53003, "reason": "Access has been blocked", "by": "Block outside the tunnel"}
    return login(
        3,
        Outcome.DENIED,
        kind=LoginKind.ACCESS,
        at="office365",
        connections=tuple(reached),
        entries=(
            entry(Provider.OKTA, "policy.evaluate_sign_on", "127.43.0.11", "DENY", by="Catch-all Rule"),
            entry(Provider.ENTRA, "interactive sign-in", "127.43.0.11", "failure", **blocked),
        ),
        words="AADSTS53003: blocked",
    )


def cut_off() -> Login:
    why = "cut off because the Tunnel app is not on the device"
    connection = Connection(opened_by=OUTLOOK, host=OKTA, port=443, path=Path.BLOCKED, why=why, failure=why)
    return login(4, Outcome.NEVER_REACHED, connections=(connection,), words=why)


def zone(step: int, seconds: int, entries: tuple[str, ...], in_force: tuple[str, ...], by: str = "") -> ZoneMoment:
    return ZoneMoment(
        step=step,
        time=NOON + timedelta(seconds=seconds),
        kind="network zone",
        name="Tunnel egress",
        entries=entries,
        in_force=in_force,
        written_by=by,
    )


@pytest.fixture
def run() -> Run:
    """Four logins, of which one went through, and a zone that is rotated."""
    new = ("127.44.0.0/24", "127.42.0.12-127.42.0.12")
    return Run(
        scenario="four-logins",
        title="Four ways of a login",
        file="four-logins.yaml",
        learn=("One learns something.",),
        unconfirmed=("Nobody has said so.",),
        scaled=("max-age is 3 s and stands for 12 h",),
        started=NOON,
        seconds=1.25,
        parties=(
            Party(kind=PartyKind.DEVICE, name="iphone", addresses=("127.43.0.11",), detail="ios"),
            Party(kind=PartyKind.GATEWAY, name="tunnel-gateway", addresses=("127.41.0.1",)),
            Party(kind=PartyKind.EGRESS, name="egress", addresses=("127.42.0.10", "127.42.0.11")),
            Party(kind=PartyKind.OKTA, name=OKTA, addresses=("127.40.0.10",), hosts=(OKTA, CUSTOM)),
            Party(kind=PartyKind.ENTRA, name=ENTRA, addresses=("127.40.0.20",)),
        ),
        steps=tuple(
            Step(
                number=number,
                words=f"step {number} is done",
                place=f"a.yaml:{number}:5",
                clock=NOON,
                seconds=0.5,
                said=("a line",),
            )
            for number in range(1, 5)
        ),
        logins=(admitted(), refused(), past_the_gateway(), cut_off()),
        zones=(
            zone(0, 0, (ZONE, "127.44.0.0/24"), (ZONE, "127.44.0.0/24")),
            zone(2, 10, new, (ZONE, "127.44.0.0/24"), by="Org Admin"),
            zone(3, 70, new, new, by="Org Admin"),
        ),
        checks=(
            Check(step=1, observer=Observer.OKTA, what="did", expected="ALLOW", was="ALLOW", met=True, place="a:1:1"),
            Check(step=2, observer=Observer.DEVICE, what="way", expected="any", was="none", met=False, place="a:2:9"),
        ),
    )
