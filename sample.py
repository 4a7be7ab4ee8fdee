"""Write poems. Run: python sample.py --start="白玉为堂金作马" --num_samples=5

All settings: python sample.py --help
"""

from shici.cli import run_module

if __name__ == "__main__":
    run_module("shici.generation.main")
