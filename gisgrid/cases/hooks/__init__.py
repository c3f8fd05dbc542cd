"""Messages about cases to addresses that an administrator has set: kept with the case, sent after it."""
