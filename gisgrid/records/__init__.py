"""Forms, and what people note with them in the field: records, tasks, rounds, outward forms."""
