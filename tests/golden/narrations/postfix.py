# call: evaluate("3 4 + 2 *")
def evaluate(text):
    stack = []
    tokens = text.split()
    while tokens:
        token = tokens.pop(0)
        if token == "+":
            stack.append(stack.pop() + stack.pop())
        elif token == "*":
            stack.append(stack.pop() * stack.pop())
        else:
            stack.append(int(token))
    return stack[0]
