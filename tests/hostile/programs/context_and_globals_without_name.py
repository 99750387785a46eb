"""Namespaces without __name__ or __builtins__, context variables, a deleted __name__."""
import contextvars

var = contextvars.ContextVar("var", default=[0])
token = var.set([1])
var.get().append(2)
inside = contextvars.copy_context().run(lambda: var.get() + [3])
var.reset(token)
space = {"__builtins__": {"len": len}}
exec("n = len([1, 2])", space)
bare = {}
exec("def f():\n    global made\n    made = [1]\n    return made\nf().append(2)", bare)
del __name__
x = [1]
x.append(var.get())
print(inside, space["n"], bare["made"], x)
