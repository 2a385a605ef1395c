"""The readable side of the compiled route search.

``problem`` holds the arrays, ``neighbours`` says who stands near whom,
``parameters`` tunes, ``routes`` drives the search.
"""
