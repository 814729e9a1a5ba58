"""Tests of the verdict room."""
