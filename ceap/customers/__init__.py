"""The customer record: default and custom fields, identities, merge, erasure."""
