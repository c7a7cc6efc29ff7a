"""What okta-zones did and what is ours, kept in SQLite so that a crash at any moment loses neither.

Ownership rests on this file alone: an entry of a zone is ours because the journal says that we wrote or adopted it. The
instances that share a journal share a lease, and only its holder writes; two journals are two writers.
"""

from okta_zones.journal.journal import Journal, Owned, Place
from okta_zones.journal.lease import LeaseHeldError, leased
from okta_zones.journal.records import Record, Step
from okta_zones.journal.standing_orders import Rotation, Stage
from okta_zones.journal.store import JournalError

__all__ = [
    "Journal",
    "JournalError",
    "LeaseHeldError",
    "Owned",
    "Place",
    "Record",
    "Rotation",
    "Stage",
    "Step",
    "leased",
]
