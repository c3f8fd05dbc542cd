"""The doors of a building, one by one: which are verified, and which are still to be knocked at."""
