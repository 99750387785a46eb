/* The graph of the objects in view: their nodes, what holds what, and how far each is from the variables.

   One look at an event goes by level. What changed is marked `pending` and waits in `core->todo` at its level; `settle`
   takes level after level. At each it first lets go of what lost its supports there, then looks at the pending nodes in
   the order of their numbers. Looking at a node (contents.c) may bring nodes of the next level into view, so numbers are
   given in the order of (level, number of the holder, place), as in the reference engine. */

#include "recorder.h"

#include "walk.h"

void keep_error(Core *core) {
    PyObject *error = PyErr_GetRaisedException();
    if (core->error == NULL) {
        core->error = error;
    } else {
        Py_XDECREF(error);
    }
}

void trash_last(Core *core, PyObject *object) {
    if (core->n_trash == core->cap_trash) {
        size_t cap = core->cap_trash * 2 + 64;
        PyObject **items = realloc(core->trash, cap * sizeof(PyObject *));
        if (items == NULL) return; /* a leak is better than a crash */
        core->trash = items;
        core->cap_trash = cap;
    }
    core->trash[core->n_trash++] = object;
}

void empty_trash(Core *core) {
    while (core->n_trash > 0) {
        PyObject *object = core->trash[--core->n_trash];
        if (Py_REFCNT(object) == 1 && has_weak_references(object)) core->ran_elsewhere = true; /* they may call anything */
        Py_DECREF(object);
    }
}

/* --- types ------------------------------------------------------------------------------------------------------- */

static Type *type_from(Core *core, PyTypeObject *kind, PyObject *told) {
    const char *what, *name;
    int reading, fixed, fleeting, weak, may_miss, may_be_watched, lent, runs_unseen;
    PyObject *reader;
    if (!PyArg_ParseTuple(told, "isspppppppO", &reading, &what, &name, &fixed, &fleeting, &weak, &may_miss, &may_be_watched, &lent, &runs_unseen,
                          &reader)) {
        return NULL;
    }
    Type *type = calloc(1, sizeof *type);
    if (type == NULL) return (Type *)PyErr_NoMemory();
    type->type = (PyTypeObject *)Py_XNewRef((PyObject *)kind);
    type->reading = reading;
    type->fixed = fixed;
    type->fleeting = fleeting;
    type->weak = weak;
    type->may_miss = may_miss;
    type->may_be_watched = may_be_watched;
    type->lent = lent;
    core->runs_unseen = core->runs_unseen || runs_unseen;
    type->reader = Py_NewRef(reader);
    type->index = (uint32_t)PyList_GET_SIZE(core->types);
    PyObject *row = Py_BuildValue("ss", what, name);
    if (row == NULL || PyList_Append(core->types, row) < 0) {
        Py_XDECREF(row);
        Py_DECREF(type->reader);
        Py_XDECREF((PyObject *)type->type);
        free(type);
        return NULL;
    }
    Py_DECREF(row);
    return type;
}

Type *type_of(Core *core, PyTypeObject *kind) {
    Type *type = map_get(&core->type_map, kind);
    if (type != NULL) return type;
    PyObject *told = PyObject_CallMethod(core->host, "describe", "O", (PyObject *)kind);
    if (told == NULL) return NULL;
    type = type_from(core, kind, told);
    Py_DECREF(told);
    if (type != NULL && map_put(&core->type_map, kind, type) < 0) return NULL;
    return type;
}

static Type *type_of_builtins(Core *core) {
    if (core->builtins_type == NULL) {
        PyObject *told = PyObject_CallMethod(core->host, "describe_builtins", NULL);
        if (told == NULL) return NULL;
        core->builtins_type = type_from(core, NULL, told);
        Py_DECREF(told);
    }
    return core->builtins_type;
}

/* --- nodes ------------------------------------------------------------------------------------------------------- */

void scan_add(Core *core, Node *node) {
    if (node->scan_at >= 0 || nodes_push(&core->scan, node) < 0) return;
    node->scan_at = (Py_ssize_t)core->scan.n - 1;
}

/* Keep what a list held at hand, to be compared with it after code that may have changed anything. */
int list_watch(Core *core, Node *node) {
    if (node->list_at < 0) {
        if (core->n_lists == core->cap_lists) {
            size_t cap = core->cap_lists * 2 + 16;
            Listed *lists = realloc(core->lists, cap * sizeof *lists);
            if (lists == NULL) return PyErr_NoMemory(), -1;
            core->lists = lists;
            core->cap_lists = cap;
        }
        node->list_at = (Py_ssize_t)core->n_lists++;
    }
    core->lists[node->list_at] =
        node->open ? (Listed){(PyListObject *)node->object, node->raw, node->n, node}
                   : (Listed){(PyListObject *)node->object, NULL, node->length, node};
    return 0;
}

static void list_unwatch(Core *core, Node *node) {
    if (node->list_at < 0) return;
    Listed last = core->lists[--core->n_lists];
    core->lists[node->list_at] = last;
    last.node->list_at = node->list_at;
    node->list_at = -1;
}

void scan_remove(Core *core, Node *node) {
    list_unwatch(core, node);
    if (node->scan_at < 0) return;
    Node *last = core->scan.items[--core->scan.n];
    core->scan.items[node->scan_at] = last;
    last->scan_at = node->scan_at;
    node->scan_at = -1;
}

static Node *node_new(Core *core, PyObject *value, Type *type) {
    Node *node = calloc(1, sizeof *node + sizeof(uint32_t) * (size_t)(core->depth + 1));
    if (node == NULL) return (Node *)PyErr_NoMemory();
    node->object = Py_NewRef(value);
    node->type = type;
    node->held = true;
    node->length = -1;
    node->overlay_at = -1;
    node->level = OUT(core);
    node->scan_at = node->list_at = node->lent_at = -1;
    node->at = (Py_ssize_t)core->nodes.n;
    node->number = ++core->n_numbers;
    core->may_miss = core->may_miss || type->may_miss;
    if (map_put(&core->by_address, value, node) < 0 || nodes_push(&core->nodes, node) < 0) {
        Py_DECREF(node->object);
        free(node);
        return NULL;
    }
    return node;
}

/* Have an exception known by the dict of its attributes, if it holds no object. Returns whether it is the dict that it
   was known by before, if any. */
static bool keep_mark(Core *core, Node *node, PyObject *error) {
    PyObject *known = node->mark, *dict = PyObject_GenericGetDict(error, NULL), *key, *value;
    if (dict == NULL) {
        keep_error(core);
        return false;
    }
    bool same = known == NULL || known == dict, plain = true;
    for (Py_ssize_t place = 0; plain && PyDict_Next(dict, &place, &key, &value);) {
        const Type *type = type_of(core, Py_TYPE(value));
        if (type == NULL) keep_error(core);
        plain = type != NULL && type->reading == READ_ATOM;
    }
    node->mark = plain ? Py_NewRef(dict) : NULL;
    Py_DECREF(dict);
    trash(core, known);
    return same;
}

/* Tell whether a tuple at the address of an open one can be it: what it holds never changes. */
static bool holds_the_same(Core *core, const Node *node, PyObject *tuple) {
    if (!node->open || node->big) return true;
    if (PyTuple_GET_SIZE(tuple) != node->n) return false;
    for (Py_ssize_t i = 0; i < node->n; i++) {
        const Part *part = &node->parts[i];
        PyObject *now = PyTuple_GET_ITEM(tuple, i);
        if (part->node != NULL ? part->raw != now || !(part->node->held || is_same(core, part->node, now))
                               : !same_atoms(core, part->raw, now)) {
            return false;
        }
    }
    return true;
}

/* Tell, of a node that does not hold its object, whether `value` is still what its number means. The rule is told in
   `cotrace.tracing.capture`. */
bool is_same(Core *core, Node *node, PyObject *value) {
    if (node->gone) return false;
    if (node->weak != NULL) {
        PyObject *alive = NULL;
#if PY_VERSION_HEX >= 0x030D0000
        if (PyWeakref_GetRef(node->weak, &alive) > 0) Py_DECREF(alive);
#else
        alive = PyWeakref_GetObject(node->weak);
#endif
        return alive == value;
    }
    if (node->type->type != Py_TYPE(value)) return false;
    if (reading_of(node) == READ_TUPLE) return holds_the_same(core, node, value);
    return PyExceptionInstance_Check(value) ? keep_mark(core, node, value) : true;
}

/* Take note that a list, dict or set is new: what is known by its address alone is another one, which ended. */
void meet_new(Core *core, PyObject *value) {
    if (!PyList_CheckExact(value) && !PyDict_CheckExact(value) && !Py_IS_TYPE(value, &PySet_Type)) return;
    Node *node = map_get(&core->by_address, value);
    if (node == NULL || node->held || node->weak != NULL) return;
    node->gone = true;
    map_remove(&core->by_address, value);
}

/* Return the node of an object, a new one if it has none. New ones get the next number. */
Node *meet(Core *core, PyObject *value, Type *type) {
    Node *node = map_get(&core->by_address, value);
    if (node != NULL && (node->held || is_same(core, node, value))) return node;
    return node_new(core, value, type);
}

/* Find what a place holds: an atom as it is, or the node of an object. The part is the caller's, to be given to
   `part_free`. */
int part_of(Core *core, PyObject *value, Part *part) {
    part->node = NULL;
    Type *type = value == core->builtins ? type_of_builtins(core) : type_of(core, Py_TYPE(value));
    if (type == NULL) return -1;
    if (type->reading > READ_DESCRIBED) {
        part->raw = value;
        part->node = meet(core, value, type);
        return part->node == NULL ? -1 : 0;
    }
    if (type->reading == READ_DESCRIBED) {
        PyObject *atom = PyObject_CallMethod(core->host, "described", "O", value);
        if (atom == NULL) return -1;
        if (atom == Py_None) { /* one of its kind that is no plain value */
            Py_DECREF(atom);
            part->raw = value;
            part->node = meet(core, value, type);
            return part->node == NULL ? -1 : 0;
        }
        Py_DECREF(atom);
    }
    part->raw = Py_NewRef(value);
    return 0;
}

void part_free(Core *core, Part *part) {
    if (part->node == NULL) trash(core, part->raw);
    part->raw = NULL;
    part->node = NULL;
}

/* Tell whether a function has objects as default values: they are not looked into. */
static bool has_defaults(PyObject *object) {
    if (!PyFunction_Check(object)) return false;
    PyObject *defaults = PyFunction_GetDefaults(object);
    for (Py_ssize_t i = 0; defaults != NULL && i < PyTuple_GET_SIZE(defaults); i++) {
        if (PyObject_IS_GC(PyTuple_GET_ITEM(defaults, i))) return true;
    }
    return PyFunction_GetKwDefaults(object) != NULL;
}

static void node_free(Core *core, Node *node) {
    /* What was not looked into may end with it, and run anything: no event comes while one is taken. */
    if (node->held && (node->closed || node->big || has_defaults(node->object))) core->ran_elsewhere = true;
    if (node->watched) unwatch(core, node->object);
    forget_attributes(core, node);
    lent_remove(core, node);
    big_free(core, node);
    if (node->big) {
        PyObject *done = PyObject_CallMethod(core->host, "dropped", "I", node->number);
        if (done == NULL) keep_error(core);
        Py_XDECREF(done);
    }
    if (map_get(&core->by_address, node->object) == node) map_remove(&core->by_address, node->object);
    scan_remove(core, node);
    Node *last = core->nodes.items[--core->nodes.n];
    core->nodes.items[node->at] = last;
    last->at = node->at;
    for (int i = 0; i < node->n_dirty_keys; i++) trash(core, node->dirty_keys[i]);
    if (node->held) trash(core, node->object);
    Py_XDECREF(node->weak);
    trash(core, node->mark);
    trash(core, node->seen);
    Py_XDECREF(node->overlay);
    Py_XDECREF(node->places);
    free(node->keys);
    free(node->parts);
    free(node->raw);
    free(node->children);
    free(node);
}

/* --- levels ------------------------------------------------------------------------------------------------------ */

static int set_level(Core *core, Node *node, int level);

static int wait_at(Core *core, Node *node) {
    if (node->level > core->depth) {
        if (node->leaving) return 0;
        node->leaving = true;
        return nodes_push(&core->gone, node);
    }
    core->n_todo++;
    return nodes_push(&core->todo[node->level], node);
}

int mark_pending(Core *core, Node *node) {
    if (node->pending) return 0;
    node->pending = true;
    return node->level > core->depth ? 0 : wait_at(core, node);
}

int support_add(Core *core, Node *node, int level) {
    node->support[level]++;
    return level < node->level ? set_level(core, node, level) : 0;
}

int support_drop(Core *core, Node *node, int level) {
    if (--node->support[level] == 0 && node->level == level) return wait_at(core, node);
    return 0;
}

int root_add(Core *core, Node *node) { return support_add(core, node, 0); }

int root_drop(Core *core, Node *node) { return support_drop(core, node, 0); }

static Node **child_places(Node *node, Py_ssize_t i) {
    if (i < node->n_children) return &node->children[i];
    i -= node->n_children;
    if (i < node->n) return &node->parts[i].node;
    i -= node->n;
    return node->keys != NULL && i < node->n ? &node->keys[i].node : NULL;
}

/* Let go of what an open node holds: it is not looked into any more. */
void node_close(Core *core, Node *node) {
    for (Py_ssize_t i = 0; i < node->n; i++) {
        if (node->keys != NULL) part_free(core, &node->keys[i]);
        part_free(core, &node->parts[i]);
    }
    node->n = node->n_children = 0;
    node->open = false;
    Py_CLEAR(node->places);
}

static int move_children(Core *core, Node *node, int from, int to) {
    Node **child;
    for (Py_ssize_t i = 0; (child = child_places(node, i)) != NULL; i++) {
        if (*child == NULL) continue;
        if (to < core->depth && support_add(core, *child, to + 1) < 0) return -1;
        if (from < core->depth && support_drop(core, *child, from + 1) < 0) return -1;
    }
    return 0;
}

static int set_level(Core *core, Node *node, int level) {
    int from = node->level;
    node->level = (uint8_t)level;
    if (node->open) {
        /* What is too far away by now may be nearer again before this look is over: its content stays until then. */
        if (move_children(core, node, from, level) < 0) return -1;
        if (level >= core->depth) node->pending = true;
    } else if (level < core->depth || from > core->depth) {
        node->pending = true;
    }
    return node->pending || level > core->depth ? wait_at(core, node) : 0;
}

/* A node that lost its supports at its level goes to the next level where it has one, or out of view. */
static int lift(Core *core, Node *node) {
    int level = node->level + 1;
    while (level <= core->depth && node->support[level] == 0) level++;
    return set_level(core, node, level);
}

static int by_number(const void *one, const void *other) {
    uint32_t a = (*(Node *const *)one)->number, b = (*(Node *const *)other)->number;
    return a < b ? -1 : a > b;
}

void sort_nodes(Nodes *nodes) {
    if (nodes->n > 1) qsort(nodes->items, nodes->n, sizeof(Node *), by_number);
}

static int settle_level(Core *core, int level) {
    Nodes *todo = &core->todo[level];
    size_t n = todo->n, kept = 0;
    for (size_t i = 0; i < n; i++) {
        Node *node = todo->items[i];
        if (node->level != level) continue;
        if (node->support[level] == 0) {
            if (lift(core, node) < 0) return -1;
        } else if (node->pending) {
            todo->items[kept++] = node;
        }
    }
    if (kept > 1) qsort(todo->items, kept, sizeof(Node *), by_number);
    for (size_t i = 0; i < kept; i++) {
        Node *node = todo->items[i];
        if (!node->pending) continue; /* it was there twice */
        node->pending = false;
        if (look_at(core, node) < 0) return -1;
    }
    todo->n = 0;
    return 0;
}

/* Of an object that Python code reads: let go of the raw parts, which are kept to be compared with later ones. */
static void drop_raw(Core *core, Node *node) {
    for (Py_ssize_t i = 0; i < node->n; i++) {
        if (node->parts[i].node == NULL) trash(core, node->parts[i].raw);
    }
    node->n = 0;
}

/* Hold the object no longer: the program could notice that it lives on. It is known by a weak reference, and looked at
   anew each time, since what it holds may have become something else at the same address. */
int unhold(Core *core, Node *node) {
    if (!node->held) return 0;
    node->held = false;
    core->new_unheld = true;
    scan_remove(core, node);
    lent_remove(core, node);
    big_let_go(core, node);
    if (node->type->weak && (node->weak = PyWeakref_NewRef(node->object, NULL)) == NULL) PyErr_Clear();
    if (!node->type->weak && PyExceptionInstance_Check(node->object)) keep_mark(core, node, node->object);
    if (reading_of(node) == READ_BY_PYTHON || (node->big && node->big_list == NULL)) drop_raw(core, node);
    trash(core, node->object);
    /* (What only the ledger knows is not open: it may yet hold something.) */
    bool is_settled = node->open && node->type->fixed && node->n == 0 && node->n_children == 0;
    return is_settled ? 0 : nodes_push(&core->unheld, node);
}

static bool reaches_unheld(Node *node) {
    Node **child;
    for (Py_ssize_t k = 0; (child = child_places(node, k)) != NULL; k++) {
        if (*child != NULL && !(*child)->held) return true;
    }
    return false;
}

/* Hold nothing that reaches what must not be held. */
static int unhold_holders(Core *core) {
    for (bool grown = core->new_unheld; grown;) {
        grown = false;
        for (size_t i = core->nodes.n; i-- > 0;) {
            Node *node = core->nodes.items[i];
            if (!node->held || !reaches_unheld(node)) continue;
            if (unhold(core, node) < 0) return -1;
            grown = true;
        }
    }
    core->new_unheld = false;
    return 0;
}

static void drop_gone(Core *core) {
    for (size_t i = 0; i < core->gone.n; i++) {
        Node *node = core->gone.items[i];
        node->leaving = false;
        if (node->level <= core->depth) continue;
        for (size_t k = 0; !node->held && k < core->unheld.n; k++) {
            if (core->unheld.items[k] == node) core->unheld.items[k] = core->unheld.items[--core->unheld.n];
        }
        node_close(core, node);
        node_free(core, node);
    }
    core->gone.n = 0;
}

/* Bring everything up to date that was marked, level by level, and drop what left the view. */
int settle(Core *core) {
    for (size_t i = 0; i < core->unheld.n; i++) {
        if (mark_pending(core, core->unheld.items[i]) < 0) return -1;
    }
    for (int level = 0; level <= core->depth && core->n_todo > 0; level++) {
        if (core->todo[level].n > 0 && settle_level(core, level) < 0) return -1;
    }
    core->n_todo = 0;
    for (size_t i = 0; i < core->floating.n; i++) {
        Node *node = core->floating.items[i];
        node->floats = false;
        if (node->level > core->depth && wait_at(core, node) < 0) return -1;
    }
    core->floating.n = 0;
    do {
        if (core->new_unheld && unhold_holders(core) < 0) return -1;
        if (unhold_lent(core) < 0) return -1;
    } while (core->new_unheld);
    for (size_t i = 0; i < core->unheld.n; i++) {
        Node *node = core->unheld.items[i];
        if (node->level <= core->depth && reaches_unheld(node)) big_let_go(core, node);
    }
    if (core->gone.n > 0) drop_gone(core);
    return 0;
}

void graph_free(Core *core) {
    core->gone.n = core->floating.n = core->unheld.n = 0;
    while (core->nodes.n > 0) {
        Node *node = core->nodes.items[core->nodes.n - 1];
        node_close(core, node);
        node_free(core, node);
    }
    for (size_t i = 0; core->type_map.mask && i <= core->type_map.mask; i++) {
        Type *type = core->type_map.keys[i] ? core->type_map.values[i] : NULL;
        if (type == NULL) continue;
        Py_XDECREF(type->reader);
        Py_XDECREF((PyObject *)type->type);
        free(type);
    }
    if (core->builtins_type != NULL) {
        Py_DECREF(core->builtins_type->reader);
        free(core->builtins_type);
        core->builtins_type = NULL;
    }
    map_free(&core->type_map);
    map_free(&core->by_address);
    map_free(&core->attribute_dicts);
    for (int i = 0; core->todo != NULL && i <= core->depth; i++) free(core->todo[i].items);
    free(core->todo);
    core->todo = NULL;
    free(core->lists);
    core->lists = NULL;
    core->n_lists = core->cap_lists = 0;
    Nodes *all[] = {&core->nodes, &core->scan, &core->unheld, &core->gone, &core->floating, &core->lent};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(all[i]->items);
        memset(all[i], 0, sizeof(Nodes));
    }
    empty_trash(core);
    free(core->trash);
    core->trash = NULL;
    core->cap_trash = 0;
}
