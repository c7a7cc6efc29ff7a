"""The verbs of `okta-zones`, one a file."""
