#!/usr/bin/env python3
"""peak.py FILE COMMAND...: runs the command and writes the most memory that it had, in KiB, to FILE.
Exits as the command does."""
import os
import resource
import subprocess
import sys

code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], 'w') as out:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=out)
os._exit(code if code >= 0 else 128 - code)
