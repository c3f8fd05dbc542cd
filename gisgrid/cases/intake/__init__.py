"""How cases come in: reports, group messages, the hotline, files of other systems; and receipts for them."""
