"""Files that people send through pages: looked at, imported and taken back in a process of their own."""
