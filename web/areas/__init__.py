"""Interface and pages of areas: shapes, levels, revisions, which grid a place lies in."""
