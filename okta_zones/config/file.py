"""The file as a whole: its sections, in the order of the file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from dtr_rules import source
from okta_zones.addresses import AddressSet, union
from okta_zones.config.names import FileName
from okta_zones.config.owned import OwnedPrefix
from okta_zones.config.reading import Reading
from okta_zones.config.requests import RequestsEntry, RequestSettings, read_requests
from okta_zones.config.safety import SafetyEntry
from okta_zones.config.sources import SourcesEntry, SourceSettings, read_sources
from okta_zones.config.targets import OktaSettings, TargetEntry, TargetSettings, read_targets
from okta_zones.config.watch import WatchEntry, WatchSettings
from okta_zones.errors import Refusal

DEFAULT_JOURNAL: Final = "okta-zones.journal"
"""Beside the file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole okta-zones.yaml, secrets read. `addresses` is None where the file lists none."""

    owned: AddressSet
    sources: SourceSettings
    targets: tuple[TargetSettings, ...]
    requests: RequestSettings
    accepted: frozenset[Refusal]
    journal: Path
    propagation: float
    """Seconds that a write is given until it counts everywhere."""
    watch: WatchSettings
    digest: str
    """Of the file's text: a plan file belongs to one configuration."""


class File(source.Model):
    """okta-zones.yaml."""

    version: source.FormatVersion
    owned_prefixes: Annotated[list[OwnedPrefix], Field(min_length=1)]
    sources: SourcesEntry = SourcesEntry()
    targets: Annotated[list[TargetEntry], Field(min_length=1)]
    requests: RequestsEntry = RequestsEntry()
    safety: SafetyEntry = SafetyEntry()
    journal: FileName = DEFAULT_JOURNAL
    propagation: Annotated[source.Duration, Field(ge=0, le=3600)] = 60.0
    watch: WatchEntry = WatchEntry()


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """Read the file and every secret that it names.

    Raises source.UnusableFileError with every mistake, secrets that cannot be used among them.
    """
    text = source.read_text(path)
    file = source.parse(text, str(path), File)
    reading = Reading(file, path.parent, environment)
    content = file.content
    targets = read_targets(content.targets, reading)
    okta_targets = [target.name for target in targets if isinstance(target, OktaSettings)]
    settings = Settings(
        owned=union(content.owned_prefixes),
        sources=read_sources(content.sources, okta_targets, reading),
        targets=targets,
        requests=read_requests(content.requests),
        accepted=frozenset(content.safety.accept),
        journal=path.parent / content.journal,
        propagation=content.propagation,
        watch=content.watch.settings(),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    if reading.mistakes:
        raise source.UnusableFileError(reading.mistakes)
    return settings
