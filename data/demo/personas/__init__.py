"""The people of the demo: families, staff and accounts. Nobody in them exists."""
