"""Questions of forms that stand for fields of the register."""
