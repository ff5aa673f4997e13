"""The vocabulary of the detailed spatial plan (RDTR): columns, codes, overlays, tables of rules."""
