"""``python -m cotrace`` is the command line, for when the `cotrace` script is not on the PATH."""

import sys

from cotrace.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
