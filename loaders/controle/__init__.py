"""What the schema `controle` remembers: loads, places, those who were erased; and the audit log."""
