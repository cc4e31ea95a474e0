"""PDF and Excel reports, kept in History."""
