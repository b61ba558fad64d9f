"""Hostile submissions: what each tries, that it works where nobody is on guard, what must happen.

An attack that fails by accident proves nothing, so each is first run by `unprotected`, a grader as
many are written: student's code, reference and verdict in one process. Payloads are small, go to
loopback only, and what could harm the machine runs only as a throw-away user in namespaces of its
own, under tight limits.
"""
