"""Asking each alone who leads, holding the session in which a team decides, and following up on what stays open."""
