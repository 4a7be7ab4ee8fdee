# The release recipe for one GPU (written for an H100), in runs of ten minutes that are resumed until it is done:
#   python train.py config/train_poetry_gpu.py
#   python train.py config/train_poetry_gpu.py --init_from=resume
# runs/release_gpu.sh does both, with a teacher (config/train_teacher_gpu.py): --teachers=FOLDER.
# Untried: no GPU was at hand. The values are those that are known to suit such runs, none was swept here.
# Plain values only: this file is read, never executed. Any of them can be overridden, as in --max_iters=14000.

out_dir = "out-poetry-gpu"
dataset = "poetry"

n_layer = 6
n_head = 6
n_embd = 384
block_size = 256
zero_init = True

# a step reads 256 * 256 = 65,536 places, the micro-batch of a GPU; an epoch has 352 steps, so 7,040 are twenty of them
batch_size = 256
max_iters = 7040
max_minutes = 9  # and a minute to start and to save
warmup_iters = 100
cooldown_iters = 4000

# many passes over the same poems: hide and drop a little
dropout = 0.1
input_masking = 0.05

optimizer = "muon"
muon_learning_rate = 0.02
learning_rate = 3.6e-3
beta1 = 0.9
beta2 = 0.95
weight_decay = 0.1

eval_interval = 352
log_interval = 10
