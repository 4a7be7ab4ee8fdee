"""The training loop. It needs torch, numpy and safetensors; everything else is used where it is installed."""
