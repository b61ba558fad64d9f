"""The instructor's side: release, collect, run apart, mark, feed back."""
