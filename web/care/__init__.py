"""Elders to visit, needs without service, plans of care."""
