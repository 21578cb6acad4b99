"""The OpenAPI document of the v1 API.

Its schemas are the structs of the contract, with what a field means; `schemas` says where this gateway is stricter in
what it writes, or asks for less, than the contract. `endpoints` says which codes an endpoint answers, `examples` what
one asks there. `document` puts it together from the table of addresses that are served.
"""
