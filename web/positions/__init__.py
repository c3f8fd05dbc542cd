"""Setting the position of one household or case by hand."""
