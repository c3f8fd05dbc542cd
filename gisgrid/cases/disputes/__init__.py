"""Disputes: a case of a confidential category with its own pipeline beside the workflow of cases."""
