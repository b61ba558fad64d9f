"""What the notebooks use around the mathematics: data, the bench, sweeps, plots, claims."""
