"""A maintenance of the UEM that was announced: what was known when it began serves until it is over, within a cap."""

from __future__ import annotations

from dataclasses import dataclass

from tunnel_gateway.posture.clock import Clock, Moment, in_words


@dataclass(frozen=True, slots=True)
class Maintenance:
    """`length` is in seconds from `began`, not an hour of a day: a clock that is put back extends nothing."""

    began: Moment
    length: float
    reason: str

    def on(self, clock: Clock) -> bool:
        return clock.since(self.began) < self.length

    def left(self, clock: Clock) -> float:
        """Seconds until it is over; 0 where it is."""
        return max(0.0, self.length - clock.since(self.began))


def announced(until: float, reason: str, before: Maintenance | None, longest: float, clock: Clock) -> Maintenance:
    """A maintenance until then (seconds since the epoch). One that is on already gets another end and keeps its begin,
    so that `longest` (seconds) holds for the whole of it. Raises ValueError."""
    now = clock.moment(clock.running())
    if until <= now.wall:
        raise ValueError("the end of the maintenance is past")
    began = before.began if before is not None and before.on(clock) else now
    length = clock.since(began) + until - now.wall
    if length > longest:
        raise ValueError(f"a maintenance may last {in_words(longest)} here, not {in_words(length)}")
    return Maintenance(began, length, reason)


def allowed_age(max_age: float, maintenance: Maintenance | None, clock: Clock) -> float:
    """How old posture may be now, in seconds: during a maintenance, as old as it was allowed to be when that began, and
    the time since."""
    if maintenance is None or not maintenance.on(clock):
        return max_age
    return max_age + clock.since(maintenance.began)
