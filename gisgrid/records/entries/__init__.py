"""Records: written once, corrected by another, redacted by a head, seen within one's own grids."""
