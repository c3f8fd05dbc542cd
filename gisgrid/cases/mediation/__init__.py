"""Mediation: steps with disputes, mediators, clues and figures."""
