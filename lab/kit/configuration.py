"""kit.yaml: the org, its devices, and the files that say the rest.

    version: 1
    org-url: https://acme.okta.com
    custom-domain: login.acme.example
    management-hint-env: OKTA_MANAGEMENT_HINT
    rules: [mobile.yaml]
    zones: okta-zones.yaml
    egress: [203.0.113.10]
    break-glass: {okta-group: 00g1emergency0000001, entra-group: 0d6c2d8f-5b0f-4a0e-9f39-4f5a2c1b7e11}

Paths are relative to the file. The management hint is a secret: the file names where it lies, and it is read only when
it is to be written down. Nothing else of okta-zones.yaml is read than what it shows: no secret, no far end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainValidator

from dtr_rules import HostError, Name, Platform, RuleSetFile, credentials, parse_host, source
from dtr_rules.catalogue.login_hosts import ProviderKind
from dtr_rules.catalogue.providers import IdentityProvider, ProviderError, parse_provider
from dtr_rules.credentials import CredentialError, Secret
from dtr_rules.formats import read_any
from lab.kit.egress import LocationSettings, ZoneSettings, location_of, read_zones, zone_of
from lab.kit.okta_names import LONGEST_HINT, SHORTEST_HINT
from okta_zones.addresses import AddressError, AddressSet, parse_addresses, union
from okta_zones.config.names import FileName, Text
from okta_zones.config.targets import OktaId
from okta_zones.config.urls import OrgUrl

DEFAULT_APP: Final = "Microsoft Office 365"
"""The tutorial's own example."""


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """The groups of the emergency accounts, which stay out of the gate; None where nobody named one."""

    okta_group: str | None = None
    entra_group: str | None = None


@dataclass(frozen=True, slots=True)
class HintPlace:
    """Where the management hint lies: in a file or in an environment variable; `said_at` is where kit.yaml says so."""

    file: Path | None
    variable: str | None
    said_at: source.Place


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole kit.yaml, without the secret. `addresses`: what the gateway leaves from; None where no zone is kept."""

    org_host: str
    custom_domain: str | None
    platforms: tuple[Platform, ...]
    hint: HintPlace
    """Both `None` in it where the file names none."""
    udid_key: str
    serial_key: str
    rule_sets: tuple[RuleSetFile, ...]
    addresses: AddressSet | None
    zone: ZoneSettings | None
    location: LocationSettings | None
    app: str
    reauthenticate_in: float
    """Seconds after which a sign-in is judged anew."""
    break_glass: BreakGlass

    @property
    def login_host(self) -> str:
        """The host at which people open their dashboard."""
        return self.custom_domain or self.org_host

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host on which the org answers to devices: a custom domain does not retire the org's own."""
        return (self.org_host,) if self.custom_domain is None else (self.org_host, self.custom_domain)

    @property
    def providers(self) -> tuple[IdentityProvider, ...]:
        """The identity providers whose sign-ins have to go through the tunnel."""
        okta = [parse_provider(f"{ProviderKind.OKTA}:{self.org_host}")]
        if self.custom_domain is not None:
            okta.append(parse_provider(f"{ProviderKind.OKTA_CUSTOM}:{self.custom_domain}"))
        return (*okta, parse_provider(ProviderKind.ENTRA)) if self.location is not None else tuple(okta)


def _domain(value: str) -> str:
    try:
        host = parse_host(value)
    except HostError as error:
        raise ValueError(f"{error}; write the host alone, such as login.acme.example") from None
    if not isinstance(host, Name):
        raise ValueError("an address has no certificate of yours; name the host")  # noqa: TRY004  pydantic's protocol
    return host.text


def _addresses(value: object) -> AddressSet:
    try:
        return parse_addresses(value if isinstance(value, str) else "")
    except AddressError:
        raise ValueError("must be an IP address, a CIDR block or a range 'first-last'") from None


class BreakGlassEntry(source.Model):
    """`break-glass`."""

    okta_group: OktaId | None = None
    entra_group: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")] | None = None


class File(source.Model):
    """kit.yaml."""

    version: source.FormatVersion
    org_url: OrgUrl
    custom_domain: Annotated[str, AfterValidator(_domain)] | None = None
    platforms: Annotated[list[Platform], Field(min_length=1)] = Field(default_factory=lambda: list(Platform))
    management_hint_file: FileName | None = None
    management_hint_env: Text | None = None
    udid_key: Text = "udid"
    serial_key: Text = "serialNumber"
    rules: Annotated[list[FileName], Field(min_length=1)] | None = None
    zones: FileName | None = None
    egress: Annotated[list[Annotated[AddressSet, PlainValidator(_addresses)]], Field(min_length=1)] | None = None
    app: Text = DEFAULT_APP
    reauthenticate_in: Annotated[source.Duration, Field(ge=0, le=30 * 86400)] = 2 * 3600.0
    break_glass: BreakGlassEntry = BreakGlassEntry()


def load(path: Path) -> Configuration:
    """Read the file and those that it names. Raises UnusableFileError with every mistake of the first unusable one."""
    file = source.read(path, File)
    content, directory = file.content, path.parent
    zones = None if content.zones is None else read_zones(directory / content.zones)
    rule_sets = tuple(read_any(directory / name) for name in content.rules or ())
    listed = union(zones.sources.addresses) if zones is not None and zones.sources.addresses else None
    mistakes = [*_contradictions(file), *_of_zones(file, listed)]
    org_host = urlsplit(content.org_url).hostname or ""
    zone = None if zones is None else zone_of(zones, content.org_url)
    if zones is not None and zone is None:
        mistakes.append(file.mistake(f"{content.zones} has no target of kind okta for {content.org_url}", "zones"))
    if mistakes:
        raise source.UnusableFileError(mistakes)
    return Configuration(
        org_host=org_host,
        custom_domain=content.custom_domain,
        platforms=tuple(each for each in Platform if each in content.platforms),
        hint=_hint_place(file, directory),
        udid_key=content.udid_key,
        serial_key=content.serial_key,
        rule_sets=rule_sets,
        addresses=listed or (union(content.egress) if content.egress else None),
        zone=zone,
        location=None if zones is None else location_of(zones),
        app=content.app,
        reauthenticate_in=content.reauthenticate_in,
        break_glass=BreakGlass(content.break_glass.okta_group, content.break_glass.entra_group),
    )


def read_hint(configuration: Configuration, environment: Mapping[str, str]) -> Secret:
    """The management hint. Raises UnusableFileError, whose text never holds it."""
    try:
        return _secret(configuration.hint, environment)
    except CredentialError as error:
        raise source.UnusableFileError([source.Mistake(configuration.hint.said_at, str(error))]) from None


def _secret(place: HintPlace, environment: Mapping[str, str]) -> Secret:
    if place.file is not None:
        secret = credentials.from_file(place.file)
    elif place.variable is not None:
        secret = credentials.from_environment(place.variable, environment)
    else:
        raise CredentialError("'management-hint-env' (or 'management-hint-file') is missing")
    if not SHORTEST_HINT <= len(secret.reveal()) <= LONGEST_HINT:
        raise CredentialError(f"a management hint has {SHORTEST_HINT} to {LONGEST_HINT} characters; this is none")
    return secret


def _contradictions(file: source.Source[File]) -> list[source.Mistake]:
    content = file.content
    mistakes = []
    try:
        parse_provider(f"okta:{urlsplit(content.org_url).hostname}")
    except ProviderError:
        words = "must be the org's own host (https://TENANT.okta.com); a custom domain goes under 'custom-domain'"
        mistakes.append(file.mistake(words, "org-url"))
    if content.custom_domain is not None:
        try:
            parse_provider(f"okta-custom:{content.custom_domain}")
        except ProviderError:
            mistakes.append(file.mistake("this is an Okta org's own host; write it as 'org-url'", "custom-domain"))
    if content.management_hint_file is not None and content.management_hint_env is not None:
        words = "write either 'management-hint-file' or 'management-hint-env'"
        mistakes.append(file.mistake(words, "management-hint-env"))
    return mistakes


def _of_zones(file: source.Source[File], listed: AddressSet | None) -> list[source.Mistake]:
    content = file.content
    if content.zones is None:
        return [] if content.egress is None else [file.mistake("of no use without 'zones'", "egress")]
    if listed is not None and content.egress is not None:
        return [file.mistake(f"{content.zones} lists the addresses already; leave this out", "egress")]
    if listed is None and content.egress is None:
        words = f"{content.zones} asks others for the addresses; write them here as 'egress: [203.0.113.10]'"
        return [file.mistake(words, "zones")]
    return []


def _hint_place(file: source.Source[File], directory: Path) -> HintPlace:
    name, variable = file.content.management_hint_file, file.content.management_hint_env
    key = "management-hint-file" if name is not None else "management-hint-env"
    return HintPlace(None if name is None else directory / name, variable, file.place(key))
