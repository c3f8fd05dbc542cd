"""Files of records read as they stand: text stays text, and nothing about their CRS is guessed."""
