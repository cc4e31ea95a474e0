"""Settings, urls, API root, asgi, live socket, supervisor, CLI."""
