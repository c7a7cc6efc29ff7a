"""All checks, in the order of their ids."""

from __future__ import annotations

from typing import Final

from dtr_rules.lint.check import Check
from dtr_rules.lint.checks import (
    addresses_and_names,
    apex,
    app_outside_profile,
    broker_alone,
    crosses_domain,
    default_tunnel,
    destination_never_decides,
    duplicates,
    imported_lists,
    login_host_not_tunnelled,
    login_page_in_browser,
    look_alike,
    native_mail,
    partly_covered,
    provider_host_missed,
    rule_never_decides,
    safari_default,
    silence_expired,
    star_in_rule,
    web_proxy_covered,
)

CHECKS: Final[tuple[Check, ...]] = tuple(
    sorted(
        (
            module.CHECK
            for module in (
                addresses_and_names,
                apex,
                app_outside_profile,
                broker_alone,
                crosses_domain,
                default_tunnel,
                destination_never_decides,
                duplicates,
                imported_lists,
                login_host_not_tunnelled,
                login_page_in_browser,
                look_alike,
                native_mail,
                partly_covered,
                provider_host_missed,
                rule_never_decides,
                safari_default,
                silence_expired,
                star_in_rule,
                web_proxy_covered,
            )
        ),
        key=lambda check: check.id,
    )
)
