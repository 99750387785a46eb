# call: commonest("Anna and Nan")
def commonest(text):
    counts = {}
    for letter in text.lower():
        if letter.isalpha():
            counts[letter] = counts.get(letter, 0) + 1
    ranked = sorted(counts, key=lambda letter: (-counts[letter], letter))
    return "".join(ranked[:2]), counts[ranked[0]]
