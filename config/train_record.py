# The short run that is set against nanoGPT's recipe (runs/record_cpu.sh, bench/record.py):
#   python train.py config/train_record.py
# Small steps: early on they learn more from a character than large ones, and Muon bears them.
# Plain values only: this file is read, never executed. Any of them can be overridden, as in --seed=1.

out_dir = "out-record"
dataset = "poetry"

n_layer = 6
n_head = 6
n_embd = 384
block_size = 256
dropout = 0.0

# a step reads 8 * 256 = 2,048 places
batch_size = 8
max_iters = 900
warmup_iters = 80
cooldown_iters = 540

optimizer = "muon"
muon_learning_rate = 0.01
muon_split_qkv = True
learning_rate = 3e-3

eval_interval = 900
log_interval = 10
history = False
