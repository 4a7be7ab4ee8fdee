"""Writing poems.

prompts     what the user asks for -> the ids that the model continues; spelling brings them to its characters
decoder     reads growing lines (KV cache, sliding window) and gives the next logits; backend chooses the engine
onnx_reader the same by ONNX Runtime
sampler     one step from logits to a drawn character, every stage kept by name
constraints which tokens may come next
engine      many poems at once, step by step, until each has ended
particles   several particles write one poem, so that the form bends the model less
guidance    the poem heeds its title and author more than the model would by itself
inspection  the numbers of a step that are worth a look: candidates, entropy, attention
layout      these numbers as lines for a terminal
window      what is said where a poem outgrows what the model sees at a time
runtime     settings -> a model ready to write, and the poems
main        sample.py; explain_main is test_sample.py; couplet answers a line

verse       a form that is asked for, ready to be kept: wishes (pins), embedding (嵌字), rhyme_choice
alphabet    what each token can be in verse: tones and rhymes as masks; here prosody meets token ids
voicing     by which readings: those in use, or those of the books for what is pinned
grid        a form laid out as cells, with characters pinned to places
automaton   which characters may come next so that the poem keeps its form; rhyming, repetition are parts of it
form        an automaton followed along each poem of a batch, as a constraint
contradiction why pins cannot be met together
verdicts    a word on each finished poem
"""
