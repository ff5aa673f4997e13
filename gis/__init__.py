"""Pure spatial library: geometry and tables in, geometry and tables out.

Knows no application, web framework, database toolkit, clock, network or environment variable.
"""
