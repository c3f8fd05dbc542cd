"""Pages and interface of files that are brought in."""
