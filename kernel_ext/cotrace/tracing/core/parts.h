/* Makes the values of `cotrace.model` fast: frozen dataclasses with slots, filled in without their `__init__`.

   A trace has millions of them. Python's way through `__init__` and `object.__setattr__` takes a microsecond each; here
   an instance is allocated by its own type and its slots are written in place, where the descriptors of its class say
   they are. All of them are trees of values that never change, so none can be part of a cycle: the garbage collector
   need not know them. */

#ifndef COTRACE_PARTS_H
#define COTRACE_PARTS_H

#include <Python.h>
#include <stdint.h>

enum Part {
    PART_ATOM, PART_REF, PART_HEAP_OBJECT,
    PART_BIND, PART_UNBIND, PART_APPEAR, PART_BECOME, PART_SET_ELEMENT, PART_SPLICE, PART_SET_ENTRY, PART_DELETE_ENTRY,
    PART_SET_ATTRIBUTE, PART_DELETE_ATTRIBUTE,
    PART_FRAME, PART_STEP, PART_ENTRY,
    PART_KINDS,
    FIRST_DELTA = PART_BIND, LAST_DELTA = PART_DELETE_ATTRIBUTE
};

enum { MOST_FIELDS = 10, REMEMBERED = 1024, EVENTS = 9 };

/* A class of the model: where in an instance each field stands, in the order of its definition. */
typedef struct {
    PyTypeObject *type;
    int fields;
    Py_ssize_t offset[MOST_FIELDS];
} Shape;

/* A number, and what was made of it last. */
typedef struct {
    int64_t number;
    PyObject *made;
} Remembered;

typedef struct {
    Shape shapes[PART_KINDS];
    PyObject *events[EVENTS];   /* the members of EventKind, by the opcode of their step */
    PyObject *none, *yes, *no, *ellipsis; /* atoms */
    PyObject *nothing;          /* the empty tuple */
    PyObject *empty;            /* the empty str */
    PyObject *int_name, *float_name;
    PyObject *no_length;        /* -1 */
    Remembered numbers[REMEMBERED], ints[REMEMBERED], refs[REMEMBERED];
} Parts;

/* Find the classes of the model among the attributes of `model`. 0, or -1 with an exception set. */
int parts_init(Parts *parts, PyObject *model);
int parts_traverse(Parts *parts, visitproc visit, void *arg);
void parts_clear(Parts *parts);

/* Return a new instance. Takes the references to its fields, also where it fails; one that is NULL stays unset. */
PyObject *make_part(Parts *parts, enum Part kind, PyObject **fields);

/* Where an instance keeps its last field; of a change, that is its cause. */
PyObject **last_field(Parts *parts, enum Part kind, PyObject *made);

/* Return a new reference to an int, an atom, or a `Ref`: mostly to one that is there already. */
PyObject *number_of(Parts *parts, int64_t number);
PyObject *int_atom(Parts *parts, int64_t number);
PyObject *float_atom(Parts *parts, double number);
PyObject *ref_to(Parts *parts, int64_t number);

/* Return a new tuple that the garbage collector does not know, its items not yet set. */
PyObject *new_tuple(Py_ssize_t size);

/* Drop the references in `fields` that are not NULL. */
void drop_fields(PyObject **fields, int n);

#endif
