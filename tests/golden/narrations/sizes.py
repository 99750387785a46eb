# call: sizes("4 cm, x cm, 12 cm")
def sizes(text):
    found = []
    skipped = 0
    for part in text.split(", "):
        number = part.replace(" cm", "")
        try:
            found.append(int(number))
        except ValueError:
            skipped += 1
        finally:
            last = number
    return found, skipped, last
