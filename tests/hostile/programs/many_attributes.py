"""Objects with thousands of attributes, and classes with hundreds of them."""


class Wide:
    pass


wide = Wide()
vars(wide).update(zip(map("a{}".format, range(1500)), range(1500)))
wide.a3 = "changed"
wide.a1400 = [1]
wide.a1400.append(2)
Classy = type("Classy", (), dict(zip(map("c{}".format, range(200)), range(200))))
Classy.c7 = "x"
chain = Wide()
for i in range(50):
    chain.inner, chain = Wide(), chain
print(wide.a3, Classy.c7)
