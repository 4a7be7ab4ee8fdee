"""Train a model. Run: python train.py config/train_poetry.py --batch_size=32

All settings: python train.py --help
"""

from shici.cli import run_module

if __name__ == "__main__":
    run_module("shici.training.main")
