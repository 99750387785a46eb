"""The interpreter's events become a Trace. Standard library only: this part runs in the user's own interpreter.

`tracer` puts the parts together; `engine` says what an engine is, and `reference` is one. Events come from
`monitoring` or `settrace`; `scope` decides which code is traced; `variables`, `capture`, `readers`, `previews` and
`big` read the program's objects; `expressions`, `instrument` and `swap` make the expression ledger.
"""
