"""Learning from a table of customers: dirty files, features, small neural networks, clusters, what they mean.

Pure numpy; scikit-learn trains, nothing but numpy is needed to score. No Django, no clock, no global randomness: every
function that draws takes a seed, and the same seed and data give the same result.
"""
