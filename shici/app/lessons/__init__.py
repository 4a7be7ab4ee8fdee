"""The tutorial's lessons: texts in texts/, what each shows and how it notices that its task is done.

text       reads the text files
glossary   the terms
situation  what a lesson knows: the line, its trace, what was pointed at
course     the lessons in their order
input, heads, depth, output, learning, poetry   for each lesson its facts, what its views draw, and its judge

Every number in a text is a name in braces that the lesson computes from the model at hand; a sentence that holds
only under a condition names it. So nothing here becomes untrue when another model is opened.
"""
