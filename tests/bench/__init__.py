"""How fast it answers: ratios within one run, and medians. ``python -m tests.bench`` (``make bench``)."""
