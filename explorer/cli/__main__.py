"""`python -m explorer.cli` runs `pageq`."""

import sys

from explorer.cli.entry import main

sys.exit(main())
