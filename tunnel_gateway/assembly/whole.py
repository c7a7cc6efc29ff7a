"""The whole gateway, from its file to what runs."""

from __future__ import annotations

import ssl
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from OpenSSL import SSL

from dtr_rules import RuleSet
from dtr_rules.credentials import Secret
from dtr_rules.source import UnusableFileError, read
from tunnel_gateway.admission import AdmissionPolicy
from tunnel_gateway.assembly.attempt import Assembly
from tunnel_gateway.assembly.files import check_writable, long_secret_in
from tunnel_gateway.assembly.identity import allow_list, device_authorities, identification, server_tls
from tunnel_gateway.assembly.operating import decision_log, expiries, inspector
from tunnel_gateway.assembly.posture import (
    EventListener,
    admission_policy,
    check_decided,
    event_listener,
    posture_sync,
    uem_client,
)
from tunnel_gateway.assembly.rules import rule_book
from tunnel_gateway.assembly.traffic import pool_plans, proxy_tls, router
from tunnel_gateway.blocks import Blocks
from tunnel_gateway.config import GatewayFile
from tunnel_gateway.decision_log import DecisionLog
from tunnel_gateway.egress import PoolPlan
from tunnel_gateway.egress_store import EgressStore
from tunnel_gateway.expiry import Expiry
from tunnel_gateway.gateway import Gateway, Parts
from tunnel_gateway.identity import AllowList, DeviceAuthority
from tunnel_gateway.identity.memory import IdentityMemory
from tunnel_gateway.mitm import Limits
from tunnel_gateway.posture.sync import PostureSync
from tunnel_gateway.posture.uem import UemClient
from tunnel_gateway.rule_book import RuleBook
from tunnel_gateway.state import State

TOKEN_LENGTH: Final = 32
"""Characters of an admin token; 16 random bytes are so many hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """A gateway that is ready to be given connections, and what its process needs beside it."""

    file: GatewayFile
    gateway: Gateway
    posture: PostureSync
    rules: RuleSet
    tls: SSL.Context
    limits: Limits
    admin_token: Secret | None
    ready_file: Path | None
    state: State
    identity_memory: IdentityMemory
    egress_store: EgressStore
    events: EventListener | None
    log: DecisionLog
    expiries: tuple[Expiry, ...]
    directory: Path


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration whose every file was read and found good; nothing is opened or changed yet."""

    assembly: Assembly
    authorities: list[DeviceAuthority]
    allowed: AllowList | None
    tls: SSL.Context
    book: RuleBook
    plans: tuple[PoolPlan, ...]
    to_proxies: ssl.SSLContext
    client: UemClient
    policy: AdmissionPolicy
    events: EventListener | None
    admin_token: Secret | None
    ready_file: Path | None
    expiries: tuple[Expiry, ...]

    @property
    def file(self) -> GatewayFile:
        return self.assembly.source.content

    @property
    def limits(self) -> Limits:
        return Limits(**self.file.limits.model_dump())


def draft(config: Path) -> Draft:
    """Read `config` and everything that it names. Raises UnusableFileError with all mistakes."""
    source = read(config, GatewayFile)
    assembly = Assembly(source, config.parent)
    file = source.content

    authorities = device_authorities(assembly)
    tls = server_tls(assembly, [authority.certificate for authority in authorities])
    allowed = allow_list(assembly)
    book = rule_book(assembly)
    client = uem_client(assembly)
    policy = admission_policy(assembly)
    events = event_listener(assembly)
    token = None
    if file.admin is not None and file.admin.token_file is not None:
        token_file = assembly.path(file.admin.token_file)
        token = assembly.attempt(lambda: long_secret_in(token_file, TOKEN_LENGTH), "admin", "token-file")
    plans = pool_plans(assembly, book)
    to_proxies = proxy_tls(assembly)
    if file.posture.sync_every > file.posture.max_age:
        words = "longer than max-age: posture would be too old most of the time"
        assembly.fail(words, "posture", "sync-every")
    ready_file = None if file.ready_file is None else assembly.path(file.ready_file)
    if ready_file is not None:
        assembly.attempt(lambda: check_writable(ready_file), "ready-file")
    dates = assembly.attempt(lambda: expiries(assembly), "tls") if tls is not None and authorities else ()
    if assembly.mistakes or dates is None or tls is None or book is None or client is None or to_proxies is None:
        raise UnusableFileError(assembly.mistakes)
    return Draft(
        assembly=assembly,
        authorities=authorities,
        allowed=allowed,
        tls=tls,
        book=book,
        plans=plans,
        to_proxies=to_proxies,
        client=client,
        policy=policy,
        events=events,
        admin_token=token,
        ready_file=ready_file,
        expiries=dates,
    )


def assemble(config: Path) -> Assembled:
    """A gateway by `config`, with its log and its state opened. Raises UnusableFileError with all mistakes."""
    found = draft(config)
    assembly, file = found.assembly, found.file
    check_decided(assembly)
    if assembly.mistakes:
        raise UnusableFileError(assembly.mistakes)
    log = assembly.attempt(lambda: decision_log(assembly), "decision-log")
    with ExitStack() as opened:
        state = assembly.attempt(lambda: opened.enter_context(closing(State(assembly.path(file.state)))), "state")
        memory = None if state is None else assembly.attempt(lambda: IdentityMemory.open(state), "state")
        store = None if state is None else assembly.attempt(lambda: EgressStore(state), "state")
        posture = None if state is None else posture_sync(assembly, found.client, state)
        blocks = None if state is None else assembly.attempt(lambda: Blocks(state), "state")
        if log is None or state is None or memory is None or store is None or posture is None or blocks is None:
            raise UnusableFileError(assembly.mistakes)
        opened.pop_all()
    parts = Parts(
        name=file.name,
        identification=identification(assembly, found.authorities, found.allowed, memory),
        posture=posture,
        policy=found.policy,
        blocks=blocks,
        router=router(assembly, found.book, found.plans, found.to_proxies, store),
        log=log,
        limits=found.limits,
        explains_refusals=file.refusal == "explain",
        inspector=inspector(assembly),
    )
    gateway = Gateway(parts)
    posture.watch(gateway)
    rules = found.book.default.active.rule_set
    return Assembled(
        file=file,
        gateway=gateway,
        posture=posture,
        rules=rules,
        tls=found.tls,
        limits=found.limits,
        admin_token=found.admin_token,
        ready_file=found.ready_file,
        state=state,
        identity_memory=memory,
        egress_store=store,
        events=found.events,
        log=log,
        expiries=found.expiries,
        directory=config.parent,
    )
