"""Write a poem with every step laid open. Run: python test_sample.py --start="床前明月光"

All settings: python test_sample.py --help
"""

from shici.cli import run_module

if __name__ == "__main__":
    run_module("shici.generation.explain_main")
