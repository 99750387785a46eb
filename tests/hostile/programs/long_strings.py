"""Twenty million characters, and as many bytes."""
text = "ab" * 10_000_000
part = text[5:25]
text += "!"
raw = text.encode()
raw2 = raw[:10]
texts = [text, text]
print(len(text), part, len(raw), raw2)
