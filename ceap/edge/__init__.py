"""The data plane: Starlette, raw driver, no Django."""
