"""What every part of the case file stands on: its tables, workflow, scope, numbers, and who is concerned."""
