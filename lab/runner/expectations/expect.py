"""The `expect:` of a step: what is expected, by observer."""

from __future__ import annotations

from collections.abc import Iterator

from dtr_rules.source import Model
from lab.record import Observer
from lab.runner.expectations.command import AtCommand
from lab.runner.expectations.device import AtDevice
from lab.runner.expectations.finding import Expectation
from lab.runner.expectations.gateway import AtGateway
from lab.runner.expectations.lists import AtLocation, AtZone
from lab.runner.expectations.providers import AtEntra, AtOkta
from lab.runner.expectations.uem import AtUem


class Expect(Model):
    """Each observer's own record is asked, and no other."""

    device: AtDevice | None = None
    gateway: AtGateway | None = None
    okta: AtOkta | None = None
    entra: AtEntra | None = None
    uem: AtUem | None = None
    zone: AtZone | None = None
    location: AtLocation | None = None
    command: AtCommand | None = None

    def by_observer(self) -> Iterator[tuple[Observer, Expectation]]:
        """What is expected, in the order of the observers."""
        for observer in Observer:
            expectation = getattr(self, observer.value, None)
            if expectation is not None:
                yield observer, expectation
