"""Forms and their versions: drafted by staff, published by a head, never changed from then on."""
