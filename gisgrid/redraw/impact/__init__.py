"""What a plan would change, in counts and in duties."""
