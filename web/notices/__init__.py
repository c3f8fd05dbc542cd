"""Notices: the list, the count, and marking as read."""
