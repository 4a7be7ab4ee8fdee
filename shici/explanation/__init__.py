"""What a model has learned, as far as four ways of asking can show it.

verse      where the tokens of a row stand: line, place in the line, rhyme words, the fields before the body
classes    tokens as classes: marks, tones, a rhyme group
lens       the logit lens: what each layer's residual would write
ablation   a head silenced: what that costs, and a model without it to write with
reference  a few dozen famous poems to measure on
heads      what each head looks at, beside what uniform attention would look at
cards      these scores in a small file beside the model, bound to its weights
swap       one character swapped: how far every later distribution moves
suffixes   a suffix array over tokens
recall     the longest run of each character that stands in the training text
"""
