"""Who is asking and what may be asked: sessions, tokens, forms, and how often."""
