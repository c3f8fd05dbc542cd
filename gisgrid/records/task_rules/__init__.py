"""A community's own rules of tasks: those that are built in changed or switched off, and new ones."""
