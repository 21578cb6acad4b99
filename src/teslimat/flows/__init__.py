"""The verbs of the house: place, dispatch, settle, report, cancel, and what keeps them honest."""
