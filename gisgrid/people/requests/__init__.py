"""Asking a household to register: visits, mediation, a refusal and the time of rest after it."""
