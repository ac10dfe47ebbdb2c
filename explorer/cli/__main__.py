"""`python -m explorer.cli` runs `pageq`."""

import sys

from explorer.cli import main

sys.exit(main())
