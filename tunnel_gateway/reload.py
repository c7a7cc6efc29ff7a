"""Read the configuration anew while the gateway runs; what was loaded before stays where it cannot be used."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dtr_rules.source import UnusableFileError
from tunnel_gateway.assembly import Assembled, draft
from tunnel_gateway.assembly.anew import check_change, put_in_place
from tunnel_gateway.mitm import Listener

logger = logging.getLogger(__name__)

Swapped = Callable[[Assembled], None]


@dataclass(frozen=True, slots=True)
class Reloaded:
    """How a reload went. `mistakes` is empty where it is in place; else what was loaded before stays."""

    at: str
    mistakes: tuple[str, ...] = ()


class Reloader:
    """The gateway by its configuration as it was last good. `swapped` hears of each new one."""

    def __init__(
        self, config: Path, assembled: Assembled, listener: Listener, swapped: Callable[[Assembled], None]
    ) -> None:
        self.assembled = assembled
        self.last: Reloaded | None = None
        self._config = config
        self._listener = listener
        self._swapped = swapped
        self._one_at_a_time = asyncio.Lock()

    async def reload(self) -> Reloaded:
        """Rules, certificates, pools and limits by the files as they are now, all or none of them.

        Open tunnels are judged by what is new; those that would no longer be admitted are cut.
        """
        async with self._one_at_a_time:
            self._reopen_log()
            try:
                found = await asyncio.to_thread(draft, self._config)  # large files must not hold up tunnels
                check_change(found, self.assembled)
                self.assembled = put_in_place(found, self.assembled)
            except UnusableFileError as error:
                return self._refuse(tuple(map(str, error.mistakes)))
            except Exception as error:  # a failure of ours must not end the hearing of the next signal
                logger.exception("the configuration could not be read anew")
                return self._refuse((f"internal error: {type(error).__name__}",))
            self._listener.swap_tls(found.tls)
            self._swapped(self.assembled)
            self.last = Reloaded(_now())
            rules = self.assembled.rules
            logger.info("reloaded: rules %s (%s)", rules.name, rules.digest[:12])
            gateway = self.assembled.gateway
            await gateway.rules_changed()
            await gateway.certificates_changed()  # may ask authorities, and take its time
            return self.last

    def _reopen_log(self) -> None:
        """For logrotate, which has renamed it, whatever becomes of the configuration."""
        try:
            self.assembled.log.reopen()
        except OSError as error:
            logger.warning("the decision log cannot be opened anew, the old file is kept: %s", error.strerror or error)

    def _refuse(self, mistakes: tuple[str, ...]) -> Reloaded:
        self.last = Reloaded(_now(), mistakes)
        logger.error("not reloaded, what was loaded before stays:\n%s", "\n".join(mistakes))
        return self.last


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
