"""A network as a chain of matrices."""
