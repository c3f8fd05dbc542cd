"""The interface's own description."""
