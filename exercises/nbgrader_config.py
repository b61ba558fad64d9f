"""Settings for those who grade with nbgrader: copy this beside your course's `source` folder.

The worked notebooks of `exercises/solutions` are nbgrader's source notebooks as they are. With
these settings the release has our stubs, and the explanations after the solutions are left out.
"""

from nbconvert.preprocessors import TagRemovePreprocessor

c = get_config()  # noqa: F821  (nbgrader provides it)
c.CourseDirectory.course_id = "matnn"
c.ClearSolutions.code_stub = {"python": "..."}
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"explanation"}
c.GenerateAssignment.preprocessors.insert(0, TagRemovePreprocessor)
