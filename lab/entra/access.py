"""One access, judged and written down: the same for sign-ins that people see and for refreshes that they do not."""

from __future__ import annotations

from lab.entra.conditional_access import Judgement, SignInFacts
from lab.entra.errors import BLOCKED, BLOCKED_TEXT, MFA_NEEDED, MFA_TEXT, NOT_COMPLIANT, NOT_COMPLIANT_TEXT, SignInError
from lab.entra.resources import resource_of
from lab.entra.sign_in_log import Origin
from lab.entra.tenant import Tenant, User
from lab.entra.tokens import Grant


def judged(tenant: Tenant, origin: Origin, user: User, grant: Grant) -> Judgement:
    """What conditional access says of a user who wants this grant."""
    return tenant.judge_access(
        SignInFacts(
            user_id=user.id,
            address=origin.address,
            resource_id=resource_of(grant.scopes).id,
            group_ids=user.group_ids,
            client_app="browser" if origin.is_browser else "mobileAppsAndDesktopClients",
            platform=origin.platform,
            controls=grant.controls,
        )
    )


def refusal(tenant: Tenant, judgement: Judgement, word: str) -> SignInError | None:
    """The error that a judgement ends in, with the OAuth `word` that fits; None where it lets in."""
    if judgement.blocked:
        return tenant.error(word, BLOCKED, BLOCKED_TEXT)
    if judgement.missing & {"compliantDevice", "domainJoinedDevice"}:
        return tenant.error(word, NOT_COMPLIANT, NOT_COMPLIANT_TEXT)
    if judgement.missing:
        return tenant.error(word, MFA_NEEDED, MFA_TEXT)
    return None


def written_down(
    tenant: Tenant,
    origin: Origin,
    user: User,
    grant: Grant,
    *,
    judgement: Judgement,
    error: SignInError | None,
    interactive: bool,
) -> None:
    """An entry of the sign-in log."""
    app = tenant.apps[grant.client_id]
    tenant.log.add(
        origin,
        user=user.logged,
        app=(app.id, app.display_name),
        judgement=judgement,
        resource=resource_of(grant.scopes),
        interactive=interactive,
        error_code=error.number if error else 0,
        failure_reason=error.text if error else None,
        correlation_id=error.correlation_id if error else None,
    )
