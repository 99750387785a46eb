"""Step through a recording by keyboard, in a terminal.

``keys`` reads what is typed. ``session`` knows where the reader is and what each key does about it; ``recording``
answers what is asked of the trace, and computes it when it is first asked for. ``views`` makes lines of text of that,
and ``layout`` gives each a place. ``screen`` has the terminal. ``run`` puts them together.
"""
