# call: waves(60)
def waves(count):
    height = 0
    crests = []
    for wave in range(count):
        if wave % 4 == 0:
            height += wave
        else:
            height -= 1
        if height % 25 == 0:
            crests.append(wave)
    return height, len(crests)
