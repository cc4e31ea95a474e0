"""Every extension, one file each."""
