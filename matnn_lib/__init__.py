"""The helper library of matnn, a course in matrix analysis for people who train neural networks.

``matnn_lib.linalg`` is matrix analysis on plain arrays, ``matnn_lib.nn`` a network as a chain of
matrices; ``study``, ``exercises`` and ``grading`` are what the course is made of.
"""

__version__ = "0.1.0"
