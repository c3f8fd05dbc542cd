"""Tables of forms, records and work, and the rules that all rooms of records share."""
