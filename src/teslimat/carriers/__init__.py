"""Carriers: links that send parts over SMPP and bring back answers and receipts, and a simulated carrier."""
