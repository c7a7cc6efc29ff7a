"""Remove addresses of ours for good: an order that stands in the journal until it is carried out everywhere."""

from __future__ import annotations

from okta_zones.addresses import AddressSet
from okta_zones.controller import Run
from okta_zones.errors import Refusal, RefusedError
from okta_zones.journal import Journal, Step
from okta_zones.plan import Order
from okta_zones.safety import ACCEPTABLE


def order(addresses: AddressSet, journal: Journal) -> None:
    """Note the order. Raises RefusedError for what is not ours anywhere, and while a rotation is under way."""
    if (rotation := journal.orders.rotation()) is not None:
        message = f"{rotation} is under way; finish or abandon it first"
        raise RefusedError(Refusal.ROTATION_OPEN, message)
    if strange := addresses - journal.all_owned():
        journal.orders.retired(strange)  # carried out, and cut short before that was noted
        message = f"{strange} is in no entry of ours; 'adopt' takes over entries of others"
        raise RefusedError(Refusal.NOT_OURS, message)
    journal.orders.retire(addresses)
    journal.record(Step.RETIREMENT_ORDERED, addresses=addresses.texts())


def withdraw_refused(addresses: AddressSet, run: Run, journal: Journal) -> None:
    """An order that would be a danger does not stand: nobody wants it carried out later, when nobody looks."""
    reasons = {result.failure.reason for result in run.results if isinstance(result.failure, RefusedError)}
    if reasons & ACCEPTABLE:
        journal.orders.retired(addresses)


def check(planned: Order) -> None:
    """Raises RefusedError when nothing may be removed now; the order stands."""
    if planned.frozen:
        why = "; ".join(planned.frozen)
        message = f"not removed now: {why}; the order stands, and 'retire' or 'watch' carries it out"
        raise RefusedError(Refusal.REMOVALS_FROZEN, message)
