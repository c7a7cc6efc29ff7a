"""Replay: what a rule set would have decided for traffic that was captured.

Captures of every kind (`capture`) come down to visits (`visit`): packets by way of `packet_visits`, HAR, mitmproxy
flows and decision logs by readers of their own. `judge` asks the rule sets, `tally` adds up, `result` is what came of
it. Memory is bounded everywhere, however large a capture is; what a bound made inexact is counted and told.
"""

from dtr_rules.replay.result import Result, replay

__all__ = ["Result", "replay"]
