"""The roles that run Django: app and worker. The edge is `ceap.edge.server`."""
