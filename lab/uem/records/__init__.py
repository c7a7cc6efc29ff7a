"""A device as the REST API writes it down, one file for each version of the API."""
