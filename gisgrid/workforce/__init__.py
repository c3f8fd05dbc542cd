"""People on duty: who serves which area, from when to when, and the norms for it."""
