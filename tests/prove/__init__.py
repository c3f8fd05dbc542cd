"""The long proofs: every test marked ``prove``, its figures in docs/proof.md."""
