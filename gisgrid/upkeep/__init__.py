"""Keeping an installation: whole copies of its database, keys turned, and whether all is well."""
