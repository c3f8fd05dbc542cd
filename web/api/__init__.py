"""The JSON interface under ``/api/v1``: parse, ask one query or service, answer."""
