"""The server: processes that share one socket, and requests that are whole before a thread sees them."""
