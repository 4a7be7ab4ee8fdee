"""Tones, rhymes and forms of classical verse. No torch, no token ids.

rhymes    the books: 平水韵 (106 groups, their neighbours; 词林正韵 for 词) and 中华新韵
readings  each character's readings, from tables/readings.tsv (traditional and simplified characters)
modern    each character's readings in modern speech, by 中华新韵
patterns  forms by shape, the kinds of line and the ways to put them together
judge     `label` and `label_ci`: what a poem is, fast enough for a whole corpus
alignment which kind each line of an irregular poem was meant to be
verdict   `judge`: the same decision with a reason for each character
inspect   the verdict as lines for a terminal
"""
