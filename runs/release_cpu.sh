#!/usr/bin/env bash
# Remakes the model that ships on a CPU, from nothing: environment, corpus, training, heads, evaluation, model card.
#     bash runs/release_cpu.sh [settings of train.py]
# Stop it with Ctrl-C at any time and start it again: it goes on where it was.
# On two cores that multiply bf16: the corpus a minute, training 73 million tokens, three and a half to seven hours, the
# rest 30 minutes of one core. Memory: 2.3 GB. Disk: 1 GB beside the environment.
# It writes data/poetry, out-release and, at the end, shici/pretrained; the environment variables that name other
# places and smaller sizes stand in steps.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run=out-release
# the plain recipe for longer: one and a half times through the poems, half of it cooling down
train=(config/train_poetry.py --device=cpu --max_iters=4900 --cooldown_iters=2450 "$@")
# then at the full rate again and down to zero once more: a model that has cooled down can be taken further
longer=(config/train_poetry.py --device=cpu --max_iters=7700 --cooldown_iters=2500 "$@")
# and once more from half the rate, the embeddings at twice theirs; of the two ends the average
share=0.5
last=(config/train_poetry.py --device=cpu --max_iters=9500 --cooldown_iters=3600 --learning_rate=6e-3 "$@")
# shellcheck source=runs/steps.sh
source runs/steps.sh

make_environment
make_release
