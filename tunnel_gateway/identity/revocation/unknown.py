"""The answer that there is none."""


class RevocationUnknownError(Exception):
    """No answer that counts; the words say why, for the operator."""
