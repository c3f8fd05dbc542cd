"""The hand edit of the register: fields of households and people, moves, needs, clashes, door notes."""
