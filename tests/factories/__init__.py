"""Small plans made in code: a few square zones, so that a test says all that it depends on."""
