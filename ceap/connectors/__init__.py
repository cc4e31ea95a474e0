"""Connections to other systems and the runs that bring data in or send it out."""
