"""The experiments that measure the claims, one module a subject; each returns `Evidence`."""
