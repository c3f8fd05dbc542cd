"""Analysis: arrays and frames in, frames out; no database, no session."""
