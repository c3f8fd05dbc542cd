"""What revisions after the first one make, by subject, written out so that later models don't change it."""
