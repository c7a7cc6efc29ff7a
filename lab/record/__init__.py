"""What happened in a run of a scenario, as one value with a JSON form: what reports and the console are drawn from.

Everything in it was written down by the party that it names. Version 1; a reader refuses what it does not know.
"""

from lab.record.expectation import Check, Observer
from lab.record.login import At, Connection, Decision, Entry, Login, LoginKind, Provider
from lab.record.reading import read_run, run_from_json, run_to_json
from lab.record.run import Party, PartyKind, Run, Step
from lab.record.zones import ZoneMoment

__all__ = [
    "At",
    "Check",
    "Connection",
    "Decision",
    "Entry",
    "Login",
    "LoginKind",
    "Observer",
    "Party",
    "PartyKind",
    "Provider",
    "Run",
    "Step",
    "ZoneMoment",
    "read_run",
    "run_from_json",
    "run_to_json",
]
