"""Dated lists of what the world outside a rule set looks like: login hosts, tenant suffixes, apps with a special part.

Every entry says where it comes from and how sure it is. Nothing is downloaded: a newer list comes in as a file.
"""
