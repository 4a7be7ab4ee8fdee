# nanoGPT's own recipe for a character model, on the same poems: what the recipes here are measured against.
#   python train.py config/train_nanogpt_baseline.py
# AdamW, random windows of one long stream of poems (no fields), dropout 0.2, cosine decay, float32: 82 million
# characters, some 13 hours on two cores at nanoGPT's own speed. --max_iters and --lr_decay_iters shorten it together
# (runs/record_cpu.sh: 600).

out_dir = "out-nanogpt-baseline"
dataset = "poetry"

n_layer = 6
n_head = 6
n_embd = 384
block_size = 256
dropout = 0.2
bias = False

batch_size = 64
data_order = "windows"
field_dropout = 0.0
bare_share = 1.0

optimizer = "adamw"
learning_rate = 1e-3
min_lr = 1e-4
beta2 = 0.99
weight_decay = 0.1
grad_clip = 1.0
lr_schedule = "cosine"
warmup_iters = 100
max_iters = 5000
lr_decay_iters = 5000

dtype = "float32"
eval_interval = 250
