"""Forms as trees: their expressions and what makes an answer whole. No database, no clock, no web."""
