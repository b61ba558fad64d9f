"""What each trained net reads in each test example, beside the accuracy that is counted from it."""

import numpy as np

from matnn_lib.study import bench, datasets


def test_accuracy_is_the_share_of_predictions_that_are_right():
    data = datasets.digits()
    found = bench.run(bench.GAUSSIAN, layers=1, width=16, seeds=2, epochs=1, rates=0.03)
    assert found.predictions.shape == (2, len(data.y_test))
    assert np.array_equal(np.mean(found.predictions == data.y_test, axis=1), found.accuracy)
    assert (found.accuracy > 0.5).all()
    assert not np.array_equal(*found.predictions)
