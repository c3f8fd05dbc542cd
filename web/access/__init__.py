"""Pages and interface of accounts: logging in, one's own page, administration, the audit trail."""
