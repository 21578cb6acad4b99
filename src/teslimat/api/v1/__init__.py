"""The v1 API.

A format (`json`, `xml`, `query`) opens a request and makes a tree of it; a reader (`envelope` for orders) makes a typed
request of the tree; a flow answers it; the flow's result becomes an answer of the contract, and the format writes that.
`routes` says what stands behind which address, and in which format; areas name their own endpoints.
"""
