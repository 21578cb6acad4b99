"""Teslimat: an SMS gateway built around the order delivery report."""
