/* Making the values of `cotrace.model`: see parts.h. */

#include "parts.h"

#include "log.h"

static const struct {
    const char *name;
    const char *fields[MOST_FIELDS + 1];
} DEFINITIONS[PART_KINDS] = {
    [PART_ATOM] = {"Atom", {"type", "text", "length"}},
    [PART_REF] = {"Ref", {"id"}},
    [PART_HEAP_OBJECT] = {"HeapObject", {"id", "kind", "type", "elements", "entries", "attributes", "length",
                                         "positions", "cut", "text"}},
    [PART_BIND] = {"Bind", {"frame", "name", "value", "cause"}},
    [PART_UNBIND] = {"Unbind", {"frame", "name", "cause"}},
    [PART_APPEAR] = {"Appear", {"object", "cause"}},
    [PART_BECOME] = {"Become", {"object", "cause"}},
    [PART_SET_ELEMENT] = {"SetElement", {"id", "index", "value", "cause"}},
    [PART_SPLICE] = {"Splice", {"id", "index", "removed", "inserted", "cause"}},
    [PART_SET_ENTRY] = {"SetEntry", {"id", "key", "value", "cause"}},
    [PART_DELETE_ENTRY] = {"DeleteEntry", {"id", "key", "cause"}},
    [PART_SET_ATTRIBUTE] = {"SetAttribute", {"id", "name", "value", "cause"}},
    [PART_DELETE_ATTRIBUTE] = {"DeleteAttribute", {"id", "name", "cause"}},
    [PART_FRAME] = {"Frame", {"id", "kind", "name", "source", "line", "parent", "globals", "start", "end", "thread"}},
    [PART_STEP] = {"Step", {"index", "event", "frame", "line", "depth", "delta", "value", "output"}},
    [PART_ENTRY] = {"Entry", {"step", "at", "source", "span", "value", "objects"}},
};

static const char *const EVENT_NAMES[EVENTS] = {
    [OP_LINE] = "LINE", [OP_START] = "START", [OP_RESUME] = "RESUME", [OP_RETURN] = "RETURN",
    [OP_YIELD] = "YIELD", [OP_RAISE] = "RAISE", [OP_UNWIND] = "UNWIND",
};

/* --- the classes ----------------------------------------------------------------------------------------------- */

/* The offset of one field, as the descriptor of its slot has it; -1 with an exception set. */
static Py_ssize_t
offset_of(PyObject *type, const char *field)
{
    PyObject *descriptor = PyObject_GetAttrString(type, field);
    Py_ssize_t offset = -1;
    if (descriptor != NULL && Py_IS_TYPE(descriptor, &PyMemberDescr_Type)
        && PyDescr_TYPE(descriptor) == (PyTypeObject *)type) {
        offset = ((PyMemberDescrObject *)descriptor)->d_member->offset;
    }
    else if (descriptor != NULL) {
        PyErr_Format(PyExc_TypeError, "%R has no slot of its own for %s: expected a dataclass with slots", type, field);
    }
    Py_XDECREF(descriptor);
    return offset;
}

/* A field that we don't know would stay unset in every instance. */
static int
has_fields_only(PyObject *type, int fields)
{
    PyObject *slots = PyObject_GetAttrString(type, "__slots__");
    Py_ssize_t n = slots == NULL ? -1 : PyObject_Size(slots);
    Py_XDECREF(slots);
    if (n >= 0 && n != fields) {
        PyErr_Format(PyExc_TypeError, "expected %d fields in %R, found %zd: the compiled core is of another version "
                     "than the rest of cotrace; install cotrace again", fields, type, n);
    }
    return n == fields;
}

static int
find_class(Shape *shape, PyObject *model, enum Part kind)
{
    PyObject *type = PyObject_GetAttrString(model, DEFINITIONS[kind].name);
    if (type == NULL) {
        return -1;
    }
    if (!PyType_Check(type)) {
        PyErr_Format(PyExc_TypeError, "expected a class as %s, found %R", DEFINITIONS[kind].name, type);
        Py_DECREF(type);
        return -1;
    }
    shape->type = (PyTypeObject *)type;
    for (int i = 0; DEFINITIONS[kind].fields[i] != NULL; i++) {
        shape->offset[i] = offset_of(type, DEFINITIONS[kind].fields[i]);
        if (shape->offset[i] < 0) {
            return -1;
        }
        shape->fields = i + 1;
    }
    return has_fields_only(type, shape->fields) ? 0 : -1;
}

static int
find_events(Parts *parts, PyObject *model)
{
    PyObject *kinds = PyObject_GetAttrString(model, "EventKind");
    if (kinds == NULL) {
        return -1;
    }
    for (int op = 0; op < EVENTS; op++) {
        if (EVENT_NAMES[op] != NULL) {
            parts->events[op] = PyObject_GetAttrString(kinds, EVENT_NAMES[op]);
            if (parts->events[op] == NULL) {
                Py_DECREF(kinds);
                return -1;
            }
        }
    }
    Py_DECREF(kinds);
    return 0;
}

static PyObject *
constant_atom(Parts *parts, const char *type, const char *text)
{
    PyObject *fields[] = {PyUnicode_InternFromString(type), PyUnicode_InternFromString(text),
                          Py_NewRef(parts->no_length)};
    if (fields[0] == NULL || fields[1] == NULL) {
        drop_fields(fields, 3);
        return NULL;
    }
    return make_part(parts, PART_ATOM, fields);
}

static int
make_constants(Parts *parts)
{
    parts->nothing = PyTuple_New(0);
    parts->empty = PyUnicode_InternFromString("");
    parts->int_name = PyUnicode_InternFromString("int");
    parts->float_name = PyUnicode_InternFromString("float");
    parts->no_length = PyLong_FromLong(-1);
    if (!parts->nothing || !parts->empty || !parts->int_name || !parts->float_name || !parts->no_length) {
        return -1;
    }
    parts->none = constant_atom(parts, "NoneType", "None");
    parts->yes = constant_atom(parts, "bool", "True");
    parts->no = constant_atom(parts, "bool", "False");
    parts->ellipsis = constant_atom(parts, "ellipsis", "Ellipsis");
    return parts->none && parts->yes && parts->no && parts->ellipsis ? 0 : -1;
}

int
parts_init(Parts *parts, PyObject *model)
{
    for (int kind = 0; kind < PART_KINDS; kind++) {
        if (find_class(&parts->shapes[kind], model, (enum Part)kind) < 0) {
            return -1;
        }
    }
    return find_events(parts, model) < 0 ? -1 : make_constants(parts);
}

int
parts_traverse(Parts *parts, visitproc visit, void *arg)
{
    for (int kind = 0; kind < PART_KINDS; kind++) {
        Py_VISIT(parts->shapes[kind].type);
    }
    for (int op = 0; op < EVENTS; op++) {
        Py_VISIT(parts->events[op]);
    }
    return 0; /* the rest are values of the model, ints and strs, which no cycle goes through */
}

static void
forget(Remembered *remembered)
{
    for (int i = 0; i < REMEMBERED; i++) {
        Py_CLEAR(remembered[i].made);
    }
}

void
parts_clear(Parts *parts)
{
    forget(parts->numbers);
    forget(parts->ints);
    forget(parts->refs);
    Py_CLEAR(parts->none);
    Py_CLEAR(parts->yes);
    Py_CLEAR(parts->no);
    Py_CLEAR(parts->ellipsis);
    Py_CLEAR(parts->nothing);
    Py_CLEAR(parts->empty);
    Py_CLEAR(parts->int_name);
    Py_CLEAR(parts->float_name);
    Py_CLEAR(parts->no_length);
    for (int op = 0; op < EVENTS; op++) {
        Py_CLEAR(parts->events[op]);
    }
    for (int kind = 0; kind < PART_KINDS; kind++) {
        Py_CLEAR(parts->shapes[kind].type);
    }
}

/* --- instances ------------------------------------------------------------------------------------------------- */

void
drop_fields(PyObject **fields, int n)
{
    for (int i = 0; i < n; i++) {
        Py_CLEAR(fields[i]);
    }
}

PyObject *
make_part(Parts *parts, enum Part kind, PyObject **fields)
{
    const Shape *shape = &parts->shapes[kind];
    PyObject *made = shape->type->tp_alloc(shape->type, 0);
    if (made == NULL) {
        drop_fields(fields, shape->fields);
        return NULL;
    }
    for (int i = 0; i < shape->fields; i++) {
        *(PyObject **)((char *)made + shape->offset[i]) = fields[i];
    }
    PyObject_GC_UnTrack(made);
    return made;
}

PyObject **
last_field(Parts *parts, enum Part kind, PyObject *made)
{
    const Shape *shape = &parts->shapes[kind];
    return (PyObject **)((char *)made + shape->offset[shape->fields - 1]);
}

PyObject *
new_tuple(Py_ssize_t size)
{
    PyObject *tuple = PyTuple_New(size);
    if (tuple != NULL && size > 0) {
        PyObject_GC_UnTrack(tuple);
    }
    return tuple;
}

/* --- numbers and what is made of them -------------------------------------------------------------------------- */

/* The place where what is made of `number` is remembered; another number may have it. */
static inline Remembered *
place_of(Remembered *remembered, int64_t number)
{
    return &remembered[(uint64_t)number % REMEMBERED];
}

static inline int
is_known(const Remembered *place, int64_t number)
{
    return place->made != NULL && place->number == number;
}

static PyObject *
remember(Remembered *place, int64_t number, PyObject *made)
{
    if (made != NULL) {
        place->number = number;
        Py_XSETREF(place->made, Py_NewRef(made));
    }
    return made;
}

PyObject *
number_of(Parts *parts, int64_t number)
{
    Remembered *place = place_of(parts->numbers, number);
    return is_known(place, number) ? Py_NewRef(place->made) : remember(place, number, PyLong_FromLongLong(number));
}

/* Makes an atom of its text; takes the reference to it. */
static PyObject *
numeric_atom(Parts *parts, PyObject *type, PyObject *text)
{
    if (text == NULL) {
        return NULL;
    }
    PyObject *fields[] = {Py_NewRef(type), text, Py_NewRef(parts->no_length)};
    return make_part(parts, PART_ATOM, fields);
}

PyObject *
int_atom(Parts *parts, int64_t number)
{
    Remembered *place = place_of(parts->ints, number);
    if (is_known(place, number)) {
        return Py_NewRef(place->made);
    }
    PyObject *text = PyUnicode_FromFormat("%lld", (long long)number);
    return remember(place, number, numeric_atom(parts, parts->int_name, text));
}

PyObject *
float_atom(Parts *parts, double number)
{
    char *digits = PyOS_double_to_string(number, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (digits == NULL) {
        return NULL;
    }
    PyObject *text = PyUnicode_FromString(digits);
    PyMem_Free(digits);
    return numeric_atom(parts, parts->float_name, text);
}

PyObject *
ref_to(Parts *parts, int64_t number)
{
    Remembered *place = place_of(parts->refs, number);
    if (is_known(place, number)) {
        return Py_NewRef(place->made);
    }
    PyObject *id = number_of(parts, number);
    return id == NULL ? NULL : remember(place, number, make_part(parts, PART_REF, &id));
}
