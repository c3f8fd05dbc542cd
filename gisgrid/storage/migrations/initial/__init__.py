"""Every table as it was when the revisions before were put together; it never changes again."""
