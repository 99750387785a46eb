"""Sort cards as people do: take one after the other, and put each where it belongs in the hand."""


def insert(hand, card):
    place = len(hand)
    while place > 0 and hand[place - 1] > card:
        place = place - 1
    hand.insert(place, card)
    return place


def sort(cards):
    hand = []
    moves = 0
    for card in cards:
        place = insert(hand, card)
        moves = moves + len(hand) - 1 - place
    return hand, moves


if __name__ == "__main__":
    hand, moves = sort([7, 3, 9, 4])
    print("sorted:", hand)
    print("moved past", moves, "cards")
