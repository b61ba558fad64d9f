"""Matrix analysis on plain arrays: arrays in, arrays out."""
