/* Lines that do nothing to containers but store into them, by the plan (`cotrace.tracing.effects`): which objects to look
   at instead of all. Variables are read as they were before the line, which binds none that are asked for here. */

#include "recorder.h"

/* Values that an operation in place leaves as they are. */
static bool never_changes(PyObject *value) {
    PyTypeObject *type = Py_TYPE(value);
    return type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type || type == &PyBool_Type || type == &PyBytes_Type ||
           type == &PyComplex_Type || value == Py_None;
}

static bool keeps(const Part *part) { return part->node == NULL && part->raw != NULL && never_changes(part->raw); }

static bool keeps_variable(const Variable *variable) { return variable->bound && keeps(&variable->part); }

static bool keeps_name(const Record *record, PyObject *name) {
    const Namespace *names = record->namespace;
    if (record->body != NULL) return false;
    PyObject *place = PyDict_GetItemWithError(names->index, name);
    if (place == NULL) return PyErr_Clear(), false;
    return keeps_variable(&names->variables[PyLong_AsSsize_t(place)]);
}

/* The key of a store: what a variable or the code has. */
static PyObject *key_of(const Record *record, const Store *store) {
    if (store->index < 0) return store->key;
    const Variable *index = &record->variables[store->index];
    return index->bound && !index->is_long ? index->part.raw : NULL;
}

static bool is_in_place_safe(Node *node, Py_ssize_t place) { return !node->big && place >= 0 && place < node->n && keeps(&node->parts[place]); }

static bool stores_element(Core *core, const Record *record, const Store *store, Node *node) {
    PyObject *key = key_of(record, store);
    if (node->type->reading == READ_DICT) { /* it says itself what is stored */
        if (!node->watched || node->big || is_of_an_object(core, node->object)) return false;
        if (!store->in_place) return true;
        if (!node->plain_keys || key == NULL || !(PyUnicode_CheckExact(key) || PyLong_CheckExact(key))) return false;
        Py_ssize_t place = place_of_key(node, key);
        if (place < -1) PyErr_Clear();
        return is_in_place_safe(node, place);
    }
    if (node->type->reading != READ_LIST) return false;
    Py_ssize_t index = -1, length = Py_SIZE(node->object);
    if (key != NULL && PyLong_CheckExact(key)) {
        int overflow;
        index = (Py_ssize_t)PyLong_AsLongLongAndOverflow(key, &overflow);
        if (overflow) return false;
        if (index < 0) index += length;
        if (index < 0 || index >= length) return false;
    }
    if (index < 0 ? node->big || store->in_place : store->in_place && !is_in_place_safe(node, index)) return false;
    core->stored_node = index < 0 ? NULL : node;
    core->stored_place = index;
    return mark_pending(core, node) == 0;
}

/* Tell whether storing an attribute of that name does nothing else: a class may have something that takes it. */
static bool is_plain_attribute(PyTypeObject *type, PyObject *name) {
    if (type->tp_setattro != PyObject_GenericSetAttr) return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type->tp_mro); i++) {
        PyObject *dict = PyType_GetDict((PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i));
        PyObject *found = dict == NULL ? NULL : PyDict_GetItemWithError(dict, name);
        Py_XDECREF(dict);
        if (found != NULL) return Py_TYPE(found)->tp_descr_set == NULL;
    }
    return !PyErr_Occurred();
}

static bool stores_attribute(Core *core, const Store *store, Node *node) {
    if (node->type->reading != READ_INSTANCE || node->big || !is_plain_attribute(node->type->type, store->key)) return false;
    if (!has_own_attributes(core, node)) return false;
    if (store->in_place) {
        Py_ssize_t place = place_of_name(node, store->key);
        if (!is_in_place_safe(node, place)) return false;
    }
    core->stored_node = node;
    core->stored_name = store->key;
    return mark_pending(core, node) == 0;
}

static bool is_known(Core *core, const Record *record, const Store *store) {
    if (store->what == STORE_VARIABLE) return keeps_variable(&record->variables[store->container]);
    if (store->what == STORE_NAME) return keeps_name(record, store->key);
    Node *node = record->variables[store->container].part.node;
    if (node == NULL || !node->held || !node->open || node->type->type != Py_TYPE(node->object)) return false;
    return store->what == STORE_ELEMENT ? stores_element(core, record, store, node) : stores_attribute(core, store, node);
}

/* Mark what the frame's last line has stored into. Returns false where the line may have changed more. */
bool find_stores(Core *core, const Record *record) {
    core->stored_node = NULL;
    unsigned line = (unsigned)(record->line - record->code->first_line);
    const Store *store = line < (unsigned)record->code->n_lines ? record->code->stores[line] : NULL;
    if (store == NULL) return false;
    bool many = store[1].what != STORE_NOTHING;
    for (; store->what != STORE_NOTHING; store++) {
        if (!is_known(core, record, store)) {
            core->stored_node = NULL;
            return false;
        }
    }
    if (many) core->stored_node = NULL;
    return true;
}
