"""cotrace in IPython and Jupyter: ``%load_ext cotrace``, then ``%%cotrace`` at the top of a cell."""
