"""``python -m matnn_lib`` is ``matnn``, for where programs are not on the path."""

from matnn_lib.cli import main

if __name__ == "__main__":
    main(prog_name="matnn")
