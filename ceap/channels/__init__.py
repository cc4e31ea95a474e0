"""Sender identities, providers, deliveries, receipts: the one sender."""
