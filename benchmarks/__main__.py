"""All benchmarks, one after the other: `python -m benchmarks`."""

from benchmarks import load

if __name__ == "__main__":
    load.main()
