"""Surrogates, NUL, direction marks, escapes, identifiers that are not ASCII."""
naïve = "ärger"
变量 = [naïve]
变量.append("\ud800 alone")
nul = "a\0b"
rtl = "\u202eabc\u202c"
escape = "\x1b[31mred\x1b[0m"
script = "</script><!--"
newline = "a\r\nb\u2028c\u0085d"
quotes = "'\"\\"
table = {nul: rtl, "\udfff": escape, script: newline}
both = b"\xff\x00'\"" + naïve.encode()
joined = "".join(变量[:1]) * 3
ﬁ = 1
print(fi, joined, len(table), ascii(变量))
