"""SMPP 3.4 without I/O: codec, session for both roles, delivery receipts. Imports nothing of the house."""
