"""Which words come most often in a text?"""


def words(text):
    cleaned = ""
    for letter in text.lower():
        if letter.isalpha() or letter == " ":
            cleaned += letter
    return cleaned.split()


def count(text):
    counts = {}
    for word in words(text):
        counts[word] = counts.get(word, 0) + 1
    return counts


def most_common(text):
    best = ""
    counts = count(text)
    for word in counts:
        if best == "" or counts[word] > counts[best]:
            best = word
    return best


if __name__ == "__main__":
    print(most_common("The cat saw the dog."))
