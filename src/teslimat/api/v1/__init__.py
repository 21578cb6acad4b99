"""The v1 API.

A body becomes a tree (`json`), the tree a typed request (`envelope`), a flow answers it, the flow's result becomes
an answer (`answers`), and that becomes bytes (`json` again). What JSON is, `json` alone knows; `routes` says that it is
meant.
"""
