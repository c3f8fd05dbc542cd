"""What happened in the demo: divisions since 2013 and two years of cases."""
