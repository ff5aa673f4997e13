"""From a finished draft to a published version: review, milestones, public hearing, publication."""
