/* Reading numbers, values and objects from the log: see decoder.h. */

#include "decoder.h"

/* --- what is wrong with a log ---------------------------------------------------------------------------------- */

int
damaged(Decoder *self, const char *expected, long long found)
{
    PyErr_Format((PyObject *)self->error, "the log of the recording is damaged at byte %zd: expected %s, found %lld; "
                 "this is a mistake in cotrace, record with engine = \"reference\" instead", self->next, expected, found);
    return -1;
}

/* To be asked after numbers were read and before they are used. */
int
check(Decoder *self)
{
    return self->log.short_of ? damaged(self, "a whole record", self->log.end - self->log_begin) : 0;
}

/* Read a number that must be less than `limit`; -1 with an exception set where it is not. */
Py_ssize_t
get_below(Decoder *self, Py_ssize_t limit, const char *what)
{
    uint64_t number = get_uv(&self->log);
    if (check(self) < 0) {
        return -1;
    }
    if (number >= (uint64_t)limit) {
        return damaged(self, what, (long long)number);
    }
    return (Py_ssize_t)number;
}

/* Read how many things follow: each takes a byte or more, so there can't be more than bytes. */
Py_ssize_t
get_count(Decoder *self)
{
    return get_below(self, self->log.end - self->log.at + 1, "as many parts as there is room for");
}

PyObject *
get_number(Decoder *self)
{
    Py_ssize_t number = get_below(self, PY_SSIZE_T_MAX, "a number");
    return number < 0 ? NULL : number_of(&self->parts, number);
}

/* Read the place of an object in the list and return it, borrowed. */
PyObject *
get_object(Decoder *self, Py_ssize_t *place)
{
    *place = get_below(self, PyList_GET_SIZE(self->objects), "the place of an object");
    return *place < 0 ? NULL : PyList_GET_ITEM(self->objects, *place);
}

/* Read the place of a str and return a new reference to it. */
PyObject *
get_str(Decoder *self)
{
    Py_ssize_t place;
    PyObject *found = get_object(self, &place);
    if (found != NULL && !PyUnicode_Check(found)) {
        damaged(self, "the place of a str", place);
        return NULL;
    }
    return Py_XNewRef(found);
}

/* --- values ---------------------------------------------------------------------------------------------------- */

static int
make_room(AtomsMade *made, Py_ssize_t n)
{
    if (n > made->n) {
        PyObject **at = PyMem_Realloc(made->at, (size_t)n * sizeof *at);
        if (at == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memset(at + made->n, 0, (size_t)(n - made->n) * sizeof *at);
        made->at = at;
        made->n = n;
    }
    return 0;
}

/* Return the atom for an object of the list: what `made` has, else what the callback makes of it, once. Takes the
   reference to `length`, which is NULL where the callback is not to be told one. */
static PyObject *
atom_by_callback(Decoder *self, AtomsMade *made, Py_ssize_t place, PyObject *callback, PyObject *length)
{
    PyObject *atom = NULL;
    if (make_room(made, PyList_GET_SIZE(self->objects)) == 0) {
        atom = made->at[place];
        if (atom == NULL) {
            PyObject *object = Py_NewRef(PyList_GET_ITEM(self->objects, place));
            atom = PyObject_CallFunctionObjArgs(callback, object, length, NULL);
            Py_DECREF(object);
            if (atom != NULL && !Py_IS_TYPE(atom, self->parts.shapes[PART_ATOM].type)) {
                PyErr_Format(PyExc_TypeError, "expected an Atom from the callback, found %.100s", Py_TYPE(atom)->tp_name);
                Py_CLEAR(atom);
            }
            made->at[place] = atom;
        }
    }
    Py_XDECREF(length);
    return Py_XNewRef(atom);
}

static PyObject *
get_atom_made(Decoder *self, uint8_t tag)
{
    Py_ssize_t place;
    if (get_object(self, &place) == NULL) {
        return NULL;
    }
    if (tag != VALUE_LONG_STR) {
        return atom_by_callback(self, &self->atoms, place, self->atom, NULL);
    }
    PyObject *length = get_number(self);
    return length == NULL ? NULL : atom_by_callback(self, &self->long_atoms, place, self->long_atom, length);
}

/* Read the place of a part that was made before, and return it. */
static PyObject *
get_ready(Decoder *self, enum Part kind, const char *what)
{
    Py_ssize_t place;
    PyObject *part = get_object(self, &place);
    if (part != NULL && !Py_IS_TYPE(part, self->parts.shapes[kind].type)) {
        damaged(self, what, place);
        return NULL;
    }
    return Py_XNewRef(part);
}

static PyObject *
get_int_atom(Decoder *self)
{
    int64_t number = get_sv(&self->log);
    return check(self) < 0 ? NULL : int_atom(&self->parts, number);
}

static PyObject *
get_float_atom(Decoder *self)
{
    double number = get_f64(&self->log);
    return check(self) < 0 ? NULL : float_atom(&self->parts, number);
}

static PyObject *
get_ref(Decoder *self)
{
    Py_ssize_t number = get_below(self, PY_SSIZE_T_MAX, "the number of an object");
    return number < 0 ? NULL : ref_to(&self->parts, number);
}

PyObject *
get_value(Decoder *self)
{
    uint8_t tag = get8(&self->log);
    if (check(self) < 0) {
        return NULL;
    }
    if (tag >= VALUE_SMALL) {
        return int_atom(&self->parts, (int64_t)tag - SMALL_BIAS);
    }
    switch (tag) {
    case VALUE_NONE:
        return Py_NewRef(self->parts.none);
    case VALUE_TRUE:
        return Py_NewRef(self->parts.yes);
    case VALUE_FALSE:
        return Py_NewRef(self->parts.no);
    case VALUE_ELLIPSIS:
        return Py_NewRef(self->parts.ellipsis);
    case VALUE_INT:
        return get_int_atom(self);
    case VALUE_FLOAT:
        return get_float_atom(self);
    case VALUE_ATOM:
        return get_ready(self, PART_ATOM, "the place of an Atom");
    case VALUE_STR:
    case VALUE_RAW:
    case VALUE_LONG_STR:
        return get_atom_made(self, tag);
    case VALUE_REF:
        return get_ref(self);
    default:
        damaged(self, "the first byte of a value", tag);
        return NULL;
    }
}

/* --- objects ---------------------------------------------------------------------------------------------------- */

/* Read how many there are, and then a tuple of what `get` returns. */
static PyObject *
get_tuple(Decoder *self, PyObject *(*get)(Decoder *))
{
    Py_ssize_t n = get_count(self);
    PyObject *tuple = n < 0 ? NULL : new_tuple(n);
    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *item = get(self);
        if (item == NULL) {
            Py_CLEAR(tuple);
        }
        else {
            PyTuple_SET_ITEM(tuple, i, item);
        }
    }
    return tuple;
}

/* Return a pair of what `get_first` and `get_value` return. */
static PyObject *
get_pair(Decoder *self, PyObject *(*get_first)(Decoder *))
{
    PyObject *first = get_first(self);
    PyObject *value = first == NULL ? NULL : get_value(self);
    PyObject *pair = value == NULL ? NULL : new_tuple(2);
    if (pair == NULL) {
        Py_XDECREF(first);
        Py_XDECREF(value);
        return NULL;
    }
    PyTuple_SET_ITEM(pair, 0, first);
    PyTuple_SET_ITEM(pair, 1, value);
    return pair;
}

static PyObject *
get_entry_pair(Decoder *self)
{
    return get_pair(self, get_value);
}

static PyObject *
get_attribute(Decoder *self)
{
    return get_pair(self, get_str);
}

static PyObject *
get_positions(Decoder *self)
{
    Py_ssize_t n = get_count(self), place = 0;
    PyObject *positions = n < 0 ? NULL : new_tuple(n);
    for (Py_ssize_t i = 0; positions != NULL && i < n; i++) {
        Py_ssize_t further = get_below(self, PY_SSIZE_T_MAX - place, "a place in a sequence");
        place += further;
        PyObject *item = further < 0 ? NULL : number_of(&self->parts, place);
        if (item == NULL) {
            Py_CLEAR(positions);
        }
        else {
            PyTuple_SET_ITEM(positions, i, item);
        }
    }
    return positions;
}

static PyObject *
get_cut(Decoder *self)
{
    uint8_t cut = get8(&self->log);
    if (check(self) < 0) {
        return NULL;
    }
    if (cut != CUT_LENGTH && cut != CUT_DEPTH) {
        damaged(self, "why an object is cut (1 or 2)", cut);
        return NULL;
    }
    return Py_NewRef(self->cuts[cut]);
}

/* Read the number of a type and set an object's kind and type; 0, or -1 with an exception set. */
static int
get_type(Decoder *self, PyObject **kind, PyObject **type)
{
    Py_ssize_t place = get_below(self, PyList_GET_SIZE(self->types), "the number of a type");
    if (place < 0) {
        return -1;
    }
    PyObject *pair = PyList_GET_ITEM(self->types, place);
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        return damaged(self, "a type of a kind and a name", place);
    }
    *kind = Py_NewRef(PyTuple_GET_ITEM(pair, 0));
    *type = Py_NewRef(PyTuple_GET_ITEM(pair, 1));
    return 0;
}

PyObject *
get_elements(Decoder *self)
{
    return get_tuple(self, get_value);
}

static PyObject *
get_entries(Decoder *self)
{
    return get_tuple(self, get_entry_pair);
}

static PyObject *
get_attributes(Decoder *self)
{
    return get_tuple(self, get_attribute);
}

/* Read all of an object into `fields`, which hold NULL; 0, or -1 with an exception set and some of them set. */
static int
get_fields(Decoder *self, PyObject **fields)
{
    static PyObject *(*const get_part[])(Decoder *) = {
        get_elements, get_entries, get_attributes, get_number, get_positions, get_cut, get_str,
    }; /* by the bit of their flag */
    Parts *parts = &self->parts;
    PyObject *const absent[] = {
        parts->nothing, parts->nothing, parts->nothing, parts->no_length, Py_None, parts->empty, parts->empty,
    };
    enum { ID, KIND, TYPE, FIRST_PART };
    if ((fields[ID] = get_number(self)) == NULL || get_type(self, &fields[KIND], &fields[TYPE]) < 0) {
        return -1;
    }
    uint8_t flags = get8(&self->log);
    if (flags >= HAS_TEXT << 1) {
        return damaged(self, "the flags of an object", flags);
    }
    for (int i = 0; i < 7; i++) {
        fields[FIRST_PART + i] = flags & 1 << i ? get_part[i](self) : Py_NewRef(absent[i]);
        if (fields[FIRST_PART + i] == NULL) {
            return -1;
        }
    }
    return check(self);
}

PyObject *
get_whole_object(Decoder *self)
{
    PyObject *fields[MOST_FIELDS] = {NULL};
    if (self->log.at < self->log.end && *self->log.at == READY_OBJECT) {
        self->log.at++;
        return get_ready(self, PART_HEAP_OBJECT, "the place of an object's description");
    }
    if (get_fields(self, fields) < 0) {
        drop_fields(fields, MOST_FIELDS);
        return NULL;
    }
    return make_part(&self->parts, PART_HEAP_OBJECT, fields);
}

PyObject *
get_whole_objects(Decoder *self)
{
    return get_tuple(self, get_whole_object);
}
