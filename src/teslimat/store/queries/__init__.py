"""The statements, by what they are for."""
