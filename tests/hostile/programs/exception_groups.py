"""Exception groups and except*."""


def raises(*kinds):
    found = []
    for kind in kinds:
        try:
            raise kind("x")
        except Exception as error:
            found.append(error)
    raise ExceptionGroup("many", found)


seen = []
try:
    raises(ValueError, KeyError, TypeError)
except* ValueError as group:
    seen.append([type(e).__name__ for e in group.exceptions])
except* (KeyError, TypeError) as group:
    seen.append([type(e).__name__ for e in group.exceptions])
try:
    try:
        raises(OSError)
    except* ValueError:
        seen.append("never")
except ExceptionGroup as rest:
    seen.append(len(rest.exceptions))
print(seen)
