"""Erasing people: asked for by them, done by a head, kept in a list outside the backup and done again."""
