"""`python -m explorer.cli` is `pageq`."""

import sys

from explorer.cli.entry import main

sys.exit(main())
