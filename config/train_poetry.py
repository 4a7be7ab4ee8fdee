# Train on the whole corpus: python train.py config/train_poetry.py
# Plain values only: this file is read, never executed. Any of them can be overridden: --batch_size=32

out_dir = "out-poetry"
dataset = "poetry"

n_layer = 6
n_head = 6
n_embd = 384
block_size = 256
dropout = 0.0

batch_size = 64
