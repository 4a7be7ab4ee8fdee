#!/usr/bin/env bash
# Remakes the model that ships on a GPU, from nothing: environment, corpus, a larger model that teaches, training with
# it, heads, evaluation, model card.
#     bash runs/release_gpu.sh [settings of train.py, for both models]
# Training goes on in runs of ten minutes (max_minutes) until it is done. Stop it with Ctrl-C at any time and start
# it again, on another machine too if data/poetry and the two out-poetry-gpu folders come along: it goes on where it was.
# torch.compile needs a C compiler and Python's headers; where they are missing: --compile=False.
# Heads and model card are computed on the CPU: eight minutes of a core.
# Untried on a GPU, as is its recipe; release_cpu.sh runs the same steps and is tested.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run=out-poetry-gpu
teacher=(config/train_teacher_gpu.py "$@")
train=(config/train_poetry_gpu.py "$@")
# shellcheck source=runs/steps.sh
source runs/steps.sh

make_environment
if ! "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then
    echo "错误：torch 找不到 GPU。没有 GPU 请用 bash runs/release_cpu.sh。" >&2
    echo "Error: torch finds no GPU. Without one use bash runs/release_cpu.sh." >&2
    exit 1
fi
make_release
