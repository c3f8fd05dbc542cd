"""The invented demo community: the same seed always gives the same streets, people and cases."""
