"""From collections of poems to training data. No torch in this room."""
