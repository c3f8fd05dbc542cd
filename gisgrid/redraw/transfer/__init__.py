"""What goes from one grid member, or one community, to another."""
