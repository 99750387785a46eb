"""A trace as text that people and programs read. Pure: values in, text out."""
