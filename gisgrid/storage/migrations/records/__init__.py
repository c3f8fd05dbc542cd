"""What the revision of forms and records makes, by subject."""
