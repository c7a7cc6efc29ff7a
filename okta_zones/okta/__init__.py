"""The Okta side: the zones API over plain HTTP and raw JSON.

No generated client: Okta's own Python SDK fails on any org that has its default DYNAMIC_V2 zone, and drops
empty lists from what it sends. Here every field that nobody knows stays as it is.
"""
