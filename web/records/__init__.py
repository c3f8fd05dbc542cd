"""Records and what is to be done, on pages and in the interface."""
