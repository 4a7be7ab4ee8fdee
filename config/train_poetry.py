# The plain recipe: about an hour on two cores that multiply bf16 (AVX-512 or AMX), longer on others.
#   python train.py config/train_poetry.py
# Plain values only: this file is read, never executed. Any of them can be overridden, as in --batch_size=64.

out_dir = "out-poetry"
dataset = "poetry"

n_layer = 6
n_head = 6
n_embd = 384
block_size = 256
dropout = 0.0

# a step reads batch_size * block_size = 8,192 tokens, about a hundred poems
batch_size = 32
max_iters = 2700
warmup_iters = 100
cooldown_iters = 1450

optimizer = "muon"
muon_learning_rate = 0.01
learning_rate = 3e-3

eval_interval = 250
log_interval = 10
