"""Versions of a matrix that stand as they were agreed, and how everyone comes to know them."""
