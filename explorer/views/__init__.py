"""What there is to see at a history's cursor: pure functions from a history to the rows of `rows`.

"Now" is only a parameter: the same branch and step give the same rows, however the cursor came there.
"""
