"""Providers of channels, one file each: how messages leave."""
