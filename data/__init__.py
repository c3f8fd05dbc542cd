"""Brings data in and out: the demo community, importers, exporters, reference tables.

The rule of this package: it goes through gisgrid's services; it has no rules of its own.
"""
