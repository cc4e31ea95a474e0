"""The limited child process that renders Liquid, and nothing else: no Django, no files, no network."""
