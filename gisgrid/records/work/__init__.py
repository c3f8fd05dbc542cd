"""What is to be done at whose door until when: computed from rules, the register and records, not stored."""
