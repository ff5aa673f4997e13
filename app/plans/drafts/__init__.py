"""Drafts: the next version of a plan while planners work on it."""
