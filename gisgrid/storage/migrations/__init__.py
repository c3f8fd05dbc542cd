"""Alembic's environment and revisions. ``env.py`` alone may import all models."""
