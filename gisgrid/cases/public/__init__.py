"""What everybody may see of a case: released texts, other reporters, Open311."""
