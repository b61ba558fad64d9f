"""What runs inside a worker, beside the student's code.

These files are copied to a folder of their own (`matnn_lib.grading.stage`) and import nothing of
the grader's: whatever stands here, the student's code can read and change.
"""
