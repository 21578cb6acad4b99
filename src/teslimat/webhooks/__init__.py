"""Telling receivers what happened: signed POSTs, and only to addresses that may be connected to."""
