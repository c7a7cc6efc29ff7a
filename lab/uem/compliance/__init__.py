"""The tenant's compliance engine: policies as data, what breaks them, and what they do to a device over time."""
