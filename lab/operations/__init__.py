"""Everything that can be done to a running world, in the words of the people who do it; there is no second way.

The demo, scenarios and the console use nothing else. What comes of a login is a `lab.record.Login`.
"""

from lab.operations.operations import Operations

__all__ = ["Operations"]
