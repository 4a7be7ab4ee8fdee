# Teach the model that ships your own text:
#   python data/poetry/prepare.py --input my_poems.txt --out-dir data/mine
#   python train.py config/train_finetune.py
# Plain values only: this file is read, never executed. Any of them can be overridden, as in --max_iters=500.

init_from = "pretrained"
out_dir = "out-mine"
dataset = "mine"

# small steps: the model already knows verse, and large ones would make it forget
muon_learning_rate = 1e-3
learning_rate = 3e-4
warmup_iters = 10
max_iters = 200
dropout = 0.1

batch_size = 8
eval_interval = 50
log_interval = 10
