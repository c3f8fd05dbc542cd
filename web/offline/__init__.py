"""The phone that works without network: its program, and what it asks the server."""
