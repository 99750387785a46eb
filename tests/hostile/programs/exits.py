"""The program ends itself, with a finally on the way."""
# ends: exited
import sys


def leave():
    try:
        sys.exit("bye")
    finally:
        print("cleaned")


leave()
