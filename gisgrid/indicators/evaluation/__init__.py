"""What a third party finds at a random sample of closed cases, beside the office's own account of them."""
