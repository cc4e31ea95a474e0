"""Users, roles and permission keys, sessions, API keys, the audit trail."""
