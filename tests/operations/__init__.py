"""Tests of running the platform."""
