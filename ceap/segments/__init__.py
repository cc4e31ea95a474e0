"""Rules to membership versions."""
