/* Views, iterators and the like: their end is noticed by nobody, but for the end of what they hold. So they are held like
   other objects while everything that they hold is held anyway; else they are known by their address alone, at which
   there may soon be another one. */

#include "recorder.h"

#include "walk.h"

enum { MOST_HELD = 64, FURTHEST_HELD = 4 }; /* as in `cotrace.tracing.readers` */

int lent_add(Core *core, Node *node) {
    if (node->lent_at >= 0) return 0;
    if (nodes_push(&core->lent, node) < 0) return -1;
    node->lent_at = (Py_ssize_t)core->lent.n - 1;
    return 0;
}

void lent_remove(Core *core, Node *node) {
    if (node->lent_at < 0) return;
    Node *last = core->lent.items[--core->lent.n];
    core->lent.items[node->lent_at] = last;
    last->lent_at = node->lent_at;
    node->lent_at = -1;
}

typedef struct { PyObject *items[MOST_HELD]; int n; bool too_many; } Held;

static int collect(PyObject *part, void *arg) {
    Held *held = arg;
    if (held->n == MOST_HELD) held->too_many = true;
    else held->items[held->n++] = part;
    return 0;
}

/* Tell whether it is a plain value, or something that is there for ever anyway. */
static bool is_plain_or_lasting(const Core *core, PyObject *part) {
    PyTypeObject *type = Py_TYPE(part);
    if (type == &PyCFunction_Type) {
        PyObject *self = PyCFunction_GET_SELF(part);
        return self == NULL || self == Py_None || PyModule_CheckExact(self);
    }
    if (type == &PyType_Type) return !PyType_HasFeature((PyTypeObject *)part, Py_TPFLAGS_HEAPTYPE);
    return type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type || type == &PyBool_Type || type == &PyBytes_Type ||
           type == &PyComplex_Type || part == Py_None || part == Py_Ellipsis || (PyObject *)type == core->pattern_type;
}

static bool is_kept(const Core *core, PyObject *part, bool in_view) {
    const Node *node = map_get(&core->by_address, part);
    return node != NULL && node->held && (!in_view || node->level <= core->depth);
}

static bool is_lent(const Core *core, PyObject *part) {
    PyTypeObject *type = Py_TYPE(part);
    return type == &PyTuple_Type || (Py_IS_TYPE((PyObject *)type, &PyType_Type) && PySet_Contains(core->lent_types, (PyObject *)type) == 1);
}

static bool holds_only_to(const Core *core, PyObject *object, bool in_view, int furthest) {
    Held held = {.n = 0, .too_many = false};
    traverseproc traverse = Py_TYPE(object)->tp_traverse;
    if (traverse != NULL) traverse(object, collect, &held);
    if (held.too_many || furthest == 0) return false;
    for (int i = 0; i < held.n; i++) {
        PyObject *part = held.items[i];
        if (part == (PyObject *)Py_TYPE(object) || is_plain_or_lasting(core, part) || is_kept(core, part, in_view)) continue;
        if (!is_lent(core, part) || !holds_only_to(core, part, in_view, furthest - 1)) return false;
    }
    return true;
}

/* Tell whether an object of these types holds nothing but plain values and objects that are held. */
bool holds_only(const Core *core, PyObject *object, bool in_view) { return holds_only_to(core, object, in_view, FURTHEST_HELD); }

/* Hold none any more that holds what is not held. */
int unhold_lent(Core *core) {
    for (size_t i = core->lent.n; i-- > 0;) {
        Node *node = core->lent.items[i];
        if (node->level <= core->depth && !holds_only(core, node->object, true) && unhold(core, node) < 0) return -1;
    }
    return 0;
}
