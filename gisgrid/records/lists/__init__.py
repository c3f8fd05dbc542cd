"""Records as they are read: lists, one record with its answers, and the time line of a household."""
