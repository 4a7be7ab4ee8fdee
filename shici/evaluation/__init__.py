"""What a model is worth, measured: one report for any checkpoint.

poems        the poems of a split, and of a THU-CCPC file
text         a poem as the tokens of a model with or without control tokens; what it cannot spell
scoring      nats, confidence and hit of every character, many poems at a time
statistics   ratios with bootstrap intervals, shares with Wilson's
loss         part 1: nats and bits per character, by form, dynasty, collection and kind
writing      poems from the model, as sample.py writes them
metre        shape, rhyme, tone and regulation of many poems
variety      distinct n-grams, repetition within a poem
copying      the longest run of characters that a poem shares with the training text
authorship   an author classifier of n-grams (naive Bayes)
fields       does a field work: loss with the right one, a stranger's and none; title and author in samples
samples      part 2: all of these beside the same figures of human poems
calibration  part 3: reliability, loss by place in the line
pictures     the figures as PNG
table        the report for a terminal
card         its summary for the model card
main         shici evaluate

prosody, prosody_*  the other report: is the form kept, by two judges; how much does keeping it bend the model
"""
