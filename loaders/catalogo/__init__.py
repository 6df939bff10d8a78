"""The catalogue: what each published table is, who reads it, and where it comes from."""
