"""A list of a million, and what is stored far from its ends."""
# looks: 8
big = list(range(1_000_000))
big[500_000] = "stored"
alias = big
alias[7] = [1]
alias[7].append(2)
big[600_000] += 1
big.append("end")
big.insert(300_000, "new")
del big[10]
big[400_000:400_002] = ["a", "b", "c"]
print(len(big), big[500_000], big[7])
