"""Section `uem`: whether the UEM can be asked with these credentials, and what its devices would be treated as."""

from __future__ import annotations

from collections import Counter
from time import monotonic
from typing import Final

from tunnel_gateway.admission import NEVER_ADMITTED, Treatment
from tunnel_gateway.assembly.posture import treatments, undecided, word_of
from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.subject import Subject
from tunnel_gateway.posture.errors import UemError
from tunnel_gateway.posture.inventory import Inventory
from tunnel_gateway.posture.model import Compliance, DevicePosture
from tunnel_gateway.posture.sweep import sweep

UNDECIDED: Final = "not decided: say refuse, admit or restrict in posture: compliance:"


async def uem(subject: Subject) -> list[Finding]:
    url = subject.draft.file.posture.uem.url
    client = subject.draft.client
    inventory = Inventory()
    try:
        if not subject.online:
            return [Finding(Level.SKIPPED, "UEM", f"{url} was not asked; --online asks"), *_undecided(subject, set())]
        await sweep(client, inventory, monotonic, _nobody_waits)
    except UemError as error:
        return [Finding(Level.NOT_DONE, "UEM", f"{url}: {error}"), *_undecided(subject, set())]
    finally:
        await client.close()
    answered = Finding(Level.OK, "UEM", f"{url} answers and accepts the credentials; {len(inventory)} devices")
    return [answered, *_counts(subject, [record.posture for _, record in inventory])]


async def _nobody_waits(_changed: object) -> None: ...


def _counts(subject: Subject, devices: list[DevicePosture]) -> list[Finding]:
    """How many devices have which compliance value, by platform, and what becomes of them."""
    counted = Counter((device.compliance, device.platform or "another platform") for device in devices)
    by_value: dict[Compliance, list[str]] = {}
    for (compliance, platform), count in sorted(counted.items()):
        by_value.setdefault(compliance, []).append(f"{count} {platform}")
    found = [_finding(subject, compliance, ", ".join(words)) for compliance, words in by_value.items()]
    silent = Counter(device.platform for device in devices if device.compromised is None and device.platform)
    for platform, count in sorted(silent.items()):
        decided = "admitted" if platform in subject.draft.policy.silent_on_compromise else "refused"
        words = f"{count} {platform} without a word on compromise: {decided}"
        found.append(Finding(Level.NOTICE if decided == "refused" else Level.OK, "compromised", words))
    return [*found, *_undecided(subject, {word_of(compliance) for compliance in by_value})]


def _finding(subject: Subject, compliance: Compliance, counts: str) -> Finding:
    word = word_of(compliance)
    if compliance is Compliance.COMPLIANT or compliance in NEVER_ADMITTED:
        what = Treatment.ADMIT if compliance is Compliance.COMPLIANT else Treatment.REFUSE
        return Finding(Level.OK, compliance, f"{counts}: {what}")
    treatment = treatments(subject.draft.file.posture.compliance).get(word)
    if treatment is None:
        return Finding(Level.PROBLEM, compliance, f"{counts}: {UNDECIDED} {word}")
    return Finding(Level.OK, compliance, f"{counts}: {treatment}")


def _undecided(subject: Subject, shown: set[str]) -> list[Finding]:
    words = [word for word in undecided(subject.draft.file.posture.compliance) if word not in shown]
    return [Finding(Level.PROBLEM, word, f"{UNDECIDED} {word}") for word in words]
