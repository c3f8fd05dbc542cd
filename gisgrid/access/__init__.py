"""Who may do what: accounts, duties, actions, scope as SQL, audit trail, encryption. One table, one place."""
