"""Tones, rhymes and forms of classical verse. No torch, no token ids.

rhymes    the books: 平水韵 (106 groups, their neighbours; 词林正韵 for 词) and 中华新韵
readings  each character's readings, from tables/readings.tsv (traditional and simplified characters)
modern    each character's readings in modern speech, by 中华新韵
patterns  forms by shape, the kinds of line and the ways to put them together
lines     a text cut into lines of verse
judge     `label` and `label_ci`: what a poem is, fast enough for a whole corpus
remarks   what a judge has to say, and what the words mean
alignment which kind each line of an irregular poem was meant to be
verdict   `judge`: the same decision with a reason for each character
notes     what it says beside the faults: licences, and readings that are not the usual ones
old_verse 古体: whether verse rhymes in an oblique tone, and which of its lines rhyme
shape_verdict `judge_shape`: the same for forms without rules of tone
inspect   the verdict as lines for a terminal
template  what a form asks of a poem before it is written
repeats   how often characters come again in real poems
second_opinion characters on which another rhyme book disagrees

tunes     词谱: what each tune of 词 asks, and a tune by any of its names
tune_fit  `keeps_tune`: whether a 词 keeps it, fast
tune_verdict `judge_tune`: the same decision with reasons; tune_alignment finds which line was meant
tune_naming which tune a text is, by its heading or its shape
tune_learning the table from the poems, with tune_rhymes and tune_stanzas
"""
