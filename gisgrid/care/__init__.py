"""Who needs what and who sees to it: elders to visit, needs without service, plans of care."""
