"""The key file and what is sealed with it: fields, digests, and whether a database's rows open."""
