# The teacher of the release recipe for a GPU: a GPT-2 small (12 x 768, 92M parameters) on the same poems, ten passes.
#   python train.py config/train_teacher_gpu.py
#   python train.py config/train_poetry_gpu.py --teachers=out-teacher-gpu       (runs/release_gpu.sh does both)
# Untried: no GPU was at hand. The values are those that are known to suit such runs, none was swept here.

out_dir = "out-teacher-gpu"
dataset = "poetry"

n_layer = 12
n_head = 12
n_embd = 768
block_size = 256
zero_init = True

# 65,536 places a step, 352 steps an epoch
batch_size = 256
max_iters = 3520
max_minutes = 9
warmup_iters = 200
cooldown_iters = 2200

# six times the parameters, the same poems: it would learn them by heart
dropout = 0.2
input_masking = 0.05

optimizer = "muon"
muon_learning_rate = 0.01
learning_rate = 2e-3
beta1 = 0.9
beta2 = 0.95
weight_decay = 0.1

eval_interval = 352
log_interval = 10
