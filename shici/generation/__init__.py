"""Writing poems.

prompts     what the user asks for -> the ids that the model continues
decoder     reads growing lines (KV cache, sliding window) and gives the next logits
sampler     one step from logits to a drawn character, every stage kept by name
constraints which tokens may come next
engine      many poems at once, step by step, until each has ended
inspection  the numbers of a step that are worth a look: candidates, entropy, attention
layout      these numbers as lines for a terminal
runtime     settings -> a model ready to write
main        sample.py; explain_main is test_sample.py
"""
