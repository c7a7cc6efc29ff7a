"""The way to the UEM, what its words mean, and the listener for its events."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from dtr_rules import Platform
from dtr_rules.credentials import from_file
from tunnel_gateway.admission import MUST_REPORT_COMPROMISED, AdmissionPolicy, Treatment
from tunnel_gateway.assembly.attempt import Assembly
from tunnel_gateway.assembly.files import certificate_in, long_secret_in, private_key_in
from tunnel_gateway.config.posture import ComplianceTable
from tunnel_gateway.posture.budget import Budget
from tunnel_gateway.posture.clock import Clock
from tunnel_gateway.posture.kept import KeptPosture
from tunnel_gateway.posture.model import Compliance
from tunnel_gateway.posture.receiver import Door
from tunnel_gateway.posture.sync import Ages, PostureSync
from tunnel_gateway.posture.uem import UemAccess, UemClient
from tunnel_gateway.state import State

DOUBTFUL: Final = ("pending", "not-available", "unknown", "quarantined")

PASSWORD_LENGTH: Final = 16
"""Characters of the password that the UEM sends with its events."""

_WORDS: Final = {
    "pending": (Compliance.PENDING, Compliance.PENDING_FOR_A_POLICY),
    **{each.value: (each,) for each in Compliance},
}


@dataclass(frozen=True, slots=True)
class EventListener:
    """What the listener for events needs, once there is a loop."""

    address: tuple[str, int]
    tls: ssl.SSLContext | None
    door: Door


def uem_client(assembly: Assembly) -> UemClient | None:
    uem = assembly.source.content.posture.uem
    place = ("posture", "uem")
    ca_file = None if uem.ca_file is None else assembly.path(uem.ca_file)
    secret = assembly.attempt(lambda: from_file(assembly.path(uem.client_secret_file)), *place, "client-secret-file")
    code = assembly.attempt(lambda: from_file(assembly.path(uem.tenant_code_file)), *place, "tenant-code-file")
    tls = assembly.attempt(lambda: client_tls(ca_file), *place, "ca-file")
    if secret is None or code is None or tls is None:
        return None
    access = UemAccess(uem.url, uem.token_url, uem.client_id, secret.reveal(), code.reveal())
    return UemClient(access, tls, Budget(uem.requests_per_minute, Clock().running))


def posture_sync(assembly: Assembly, client: UemClient, state: State) -> PostureSync | None:
    """The posture, with what was kept of it. Made last: it opens tables of the state file."""
    posture = assembly.source.content.posture
    ages = Ages(posture.sync_every, posture.max_age, posture.live_on_stale.keep_for or 0.0, posture.longest_maintenance)
    clock = Clock()
    kept = assembly.attempt(lambda: KeptPosture(state, clock), "state")
    if kept is None:
        return None
    return PostureSync(client, ages, clock=clock, kept=kept, checks_access=posture.block_access == "check")


def check_decided(assembly: Assembly) -> None:
    """A mistake where a doubtful compliance value is not decided: such a gateway may be checked, but not run."""
    missing = undecided(assembly.source.content.posture.compliance)
    if not missing:
        return
    mend = ", ".join(f"{word}: refuse" for word in missing)
    words = f"'compliance' does not say what becomes of devices that are {', '.join(missing)}"
    choice = f"decide each (refuse, admit or restrict), as in 'compliance: {{{mend}}}'"
    assembly.fail(f"{words}; {choice}; 'tunnel-gateway check --online' counts them", "posture", "compliance")


def undecided(table: ComplianceTable) -> list[str]:
    """The doubtful words of the table that nobody has decided."""
    given = treatments(table)
    return [word for word in DOUBTFUL if word not in given]


def word_of(compliance: Compliance) -> str:
    """The table's word for a compliance value; its own where the table has none."""
    return next((word for word, values in _WORDS.items() if compliance in values), compliance.value)


def admission_policy(assembly: Assembly) -> AdmissionPolicy:
    """What is admitted; what is not decided is refused."""
    file = assembly.source.content
    given = treatments(file.posture.compliance)
    if Treatment.RESTRICT in given.values() and file.rules.compliance is None:
        word = next(word for word, treatment in given.items() if treatment is Treatment.RESTRICT)
        words = "restrict needs a rule file for restricted devices; name it as 'rules: {file: …, compliance: …}'"
        assembly.fail(words, "posture", "compliance", word)
    silent = {platform for platform, what in file.posture.compromised_unknown.items() if what is Treatment.ADMIT}
    unsaid = set(Platform) - set(file.posture.compromised_unknown) - MUST_REPORT_COMPROMISED
    return AdmissionPolicy(
        {compliance: treatment for word, treatment in given.items() for compliance in _WORDS[word]},
        frozenset(silent | unsaid),
    )


def treatments(table: ComplianceTable) -> dict[str, Treatment]:
    """The decided rows of the table, by the file's word."""
    return table.model_dump(by_alias=True, exclude_none=True)


def event_listener(assembly: Assembly) -> EventListener | None:
    """What the file says of the listener; None where it says nothing, or something that cannot be used."""
    events = assembly.source.content.posture.events
    if events is None:
        return None
    place = ("posture", "events")
    password_file = assembly.path(events.password_file)
    password = assembly.attempt(lambda: long_secret_in(password_file, PASSWORD_LENGTH), *place, "password-file")
    tls = None
    if events.tls is not None:
        certificate, key = assembly.path(events.tls.certificate), assembly.path(events.tls.key)
        tls = assembly.attempt(lambda: _server_tls(certificate, key), *place, "tls")
    elif not ip_address(events.listen[0]).is_loopback:
        assembly.fail("needs tls: the UEM's password would be readable on its way", *place, "listen")
    if ip_address(events.listen[0]).is_unspecified and not events.hosts:
        assembly.fail("needs hosts: the names by which the UEM calls this listener", *place, "listen")
    if password is None:
        return None
    hosts = frozenset(host.lower() for host in events.hosts)
    return EventListener(events.listen, tls, Door(events.user, password.reveal(), hosts))


def _server_tls(certificate: Path, key: Path) -> ssl.SSLContext:
    certificate_in(certificate)
    private_key_in(key)  # both say what is wrong better than the TLS library does
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError:
        raise ValueError(f"{key} is not the key of {certificate}") from None
    return context


def client_tls(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is not None:
        certificate_in(ca_file)  # says what is wrong better than the TLS library does
    return ssl.create_default_context(cafile=ca_file)
