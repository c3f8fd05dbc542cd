"""Messages about cases to addresses that an administrator has set, sent after the case is kept."""
