/* What the objects in view hold: finding what changed, and telling it.

   `look_at` reads one object and tells how it differs from what the log was told; `scan_all` finds, after code that may
   have changed anything, which objects to look at. Lists, tuples, dicts and plain instances are read here; all other
   objects by Python code (`Host.content`). User code is never run: only exact built-in types are read directly. */

#include "recorder.h"

#include "walk.h"

enum {
    INT_DIGITS = 20, /* no number that the log has as such has more */
    FEW_KEYS = 8,    /* among so many a key is looked for one by one */
};

/* --- writing ----------------------------------------------------------------------------------------------------- */

Py_ssize_t index_of(Core *core, PyObject *object) {
    if (PyList_Append(core->objects, object) < 0) return -1;
    return PyList_GET_SIZE(core->objects) - 1;
}

static int log_indexed(Core *core, Buffer *buffer, int kind, PyObject *object) {
    Py_ssize_t index = index_of(core, object);
    if (index < 0) return -1;
    return put8(buffer, (uint8_t)kind) < 0 || put_uv(buffer, (uint64_t)index) < 0 ? -1 : 0;
}

/* Write the index of a str or Atom, of which equal ones have the same. */
static int log_once(Core *core, Buffer *buffer, PyObject *object) {
    PyObject *known = PyDict_GetItemWithError(core->strings, object);
    if (known != NULL) return put_uv(buffer, (uint64_t)PyLong_AsSsize_t(known));
    if (PyErr_Occurred()) return -1;
    Py_ssize_t index = index_of(core, object);
    PyObject *number = index < 0 ? NULL : PyLong_FromSsize_t(index);
    if (number == NULL || PyDict_SetItem(core->strings, object, number) < 0) {
        Py_XDECREF(number);
        return -1;
    }
    Py_DECREF(number);
    return put_uv(buffer, (uint64_t)index);
}

int log_name(Core *core, Buffer *buffer, PyObject *name) { return log_once(core, buffer, name); }

/* Write a string that is not kept whole, or that must not be held: its head and its length. */
int log_long(Core *core, Buffer *buffer, PyObject *head, Py_ssize_t length) {
    if (log_indexed(core, buffer, VALUE_LONG_STR, head) < 0) return -1;
    return put_uv(buffer, (uint64_t)length);
}

int log_described(Core *core, Buffer *buffer, PyObject *value) {
    PyObject *atom = PyObject_CallMethod(core->host, "described", "O", value);
    if (atom == NULL) return -1;
    int done = put8(buffer, VALUE_ATOM) < 0 ? -1 : log_once(core, buffer, atom);
    Py_DECREF(atom);
    return done;
}

static int log_int(Core *core, Buffer *buffer, PyObject *value) {
    int overflow = 0;
    const PyLongObject *exact = (const PyLongObject *)value;
    long long number = PyUnstable_Long_IsCompact(exact) ? PyUnstable_Long_CompactValue(exact) : PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow || core->most_string < INT_DIGITS) return log_described(core, buffer, value); /* how it is written may depend on the moment */
    if (number >= SMALL_LEAST && number <= SMALL_MOST) return put8(buffer, (uint8_t)(number + SMALL_BIAS));
    return put8(buffer, VALUE_INT) < 0 ? -1 : put_sv(buffer, number);
}

int log_atom(Core *core, Buffer *buffer, PyObject *value) {
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyLong_Type) return log_int(core, buffer, value);
    if (type == &PyUnicode_Type) {
        if (PyUnicode_GET_LENGTH(value) > core->most_string) return log_described(core, buffer, value);
        return put8(buffer, VALUE_STR) < 0 ? -1 : log_once(core, buffer, value);
    }
    if (value == Py_None) return put8(buffer, VALUE_NONE);
    if (value == Py_True) return put8(buffer, VALUE_TRUE);
    if (value == Py_False) return put8(buffer, VALUE_FALSE);
    if (value == Py_Ellipsis) return put8(buffer, VALUE_ELLIPSIS);
    if (type == &PyFloat_Type) {
        return put8(buffer, VALUE_FLOAT) < 0 ? -1 : put_f64(buffer, PyFloat_AS_DOUBLE(value));
    }
    return log_described(core, buffer, value);
}

/* Tell whether what is called `name` may be secret. */
bool tells(Core *core, PyObject *name) {
    if (name == NULL || !PyUnicode_CheckExact(name)) return false;
    PyObject *known = PyDict_GetItemWithError(core->telling, name);
    if (known == NULL) {
        PyErr_Clear();
        known = PyObject_CallMethod(core->host, "is_telling", "O", name);
        if (known == NULL || PyDict_SetItem(core->telling, name, known) < 0) {
            keep_error(core);
            Py_XDECREF(known);
            return true;
        }
        Py_DECREF(known);
    }
    return known == Py_True;
}

static bool may_be_secret(PyObject *value) {
    return value != NULL && (PyUnicode_CheckExact(value) || PyBytes_CheckExact(value) || PyLong_CheckExact(value));
}

/* Return the Atom of a value that a thing called `name` holds: a new reference. */
PyObject *atom_by_name(Core *core, PyObject *value, PyObject *name) {
    return PyObject_CallMethod(core->host, "named_atom", "OO", value, name);
}

/* Write what a place holds; `name`, where it has one, for secrets. */
int log_part(Core *core, Buffer *buffer, const Part *part, PyObject *name) {
    if (part->node != NULL) {
        return put8(buffer, VALUE_REF) < 0 ? -1 : put_uv(buffer, part->node->number);
    }
    if (name != NULL && may_be_secret(part->raw) && tells(core, name)) {
        PyObject *atom = atom_by_name(core, part->raw, name);
        int done = atom == NULL ? -1 : log_indexed(core, buffer, VALUE_ATOM, atom);
        Py_XDECREF(atom);
        return done;
    }
    return log_atom(core, buffer, part->raw);
}

int log_cause(Core *core) {
    if (core->cause == core->told_cause) return 0;
    core->told_cause = core->cause;
    return put8(&core->log, OP_CAUSE) < 0 ? -1 : put_uv(&core->log, (uint64_t)(core->cause + 1));
}

static int begin_delta(Core *core, int op, uint32_t number) {
    if (log_cause(core) < 0 || put8(&core->log, (uint8_t)op) < 0) return -1;
    core->bytes += DELTA_BYTES;
    return put_uv(&core->log, number);
}

/* --- comparing --------------------------------------------------------------------------------------------------- */

static bool same_floats(double one, double other) {
    return memcmp(&one, &other, sizeof one) == 0 || (one != one && other != other);
}

static bool same_described(Core *core, PyObject *one, PyObject *other) {
    PyObject *a = PyObject_CallMethod(core->host, "described", "O", one);
    PyObject *b = a ? PyObject_CallMethod(core->host, "described", "O", other) : NULL;
    int same = b ? PyObject_RichCompareBool(a, b, Py_EQ) : -1;
    Py_XDECREF(a);
    Py_XDECREF(b);
    if (same < 0) keep_error(core);
    return same == 1;
}

static bool same_strings(Core *core, PyObject *one, PyObject *other) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(one), kept = core->most_string;
    if (length != PyUnicode_GET_LENGTH(other)) return false;
    if (length <= kept) return PyUnicode_Compare(one, other) == 0;
    PyObject *a = PyUnicode_Substring(one, 0, kept), *b = PyUnicode_Substring(other, 0, kept);
    bool same = a != NULL && b != NULL && PyUnicode_Compare(a, b) == 0;
    Py_XDECREF(a);
    Py_XDECREF(b);
    return same;
}

/* Tell whether two atoms are told alike. */
bool same_atoms(Core *core, PyObject *one, PyObject *other) {
    if (one == other) return true;
    PyTypeObject *type = Py_TYPE(one);
    if (type != Py_TYPE(other)) return false;
    if (type == &PyLong_Type) {
        int overflow;
        const PyLongObject *a = (const PyLongObject *)one, *b = (const PyLongObject *)other;
        if (PyUnstable_Long_IsCompact(a) && PyUnstable_Long_IsCompact(b) && core->most_string >= INT_DIGITS) {
            return PyUnstable_Long_CompactValue(a) == PyUnstable_Long_CompactValue(b);
        }
        if (PyObject_RichCompareBool(one, other, Py_EQ) == 1) return true;
        PyLong_AsLongLongAndOverflow(one, &overflow);
        return (overflow != 0 || core->most_string < INT_DIGITS) && same_described(core, one, other); /* both may be cut */
    }
    if (type == &PyUnicode_Type) {
        if (same_strings(core, one, other)) return true;
        return core->has_secrets && same_described(core, one, other);
    }
    if (type == &PyFloat_Type) return same_floats(PyFloat_AS_DOUBLE(one), PyFloat_AS_DOUBLE(other));
    if (type == &PyBool_Type || one == Py_None || one == Py_Ellipsis) return false;
    if (type == &PyBytes_Type && !core->has_secrets && PyBytes_GET_SIZE(one) <= core->most_string) {
        return PyObject_RichCompareBool(one, other, Py_EQ) == 1;
    }
    return same_described(core, one, other);
}

static bool same_by_name(Core *core, PyObject *one, PyObject *other, PyObject *name) {
    PyObject *a = atom_by_name(core, one, name), *b = a ? atom_by_name(core, other, name) : NULL;
    int same = b ? PyObject_RichCompareBool(a, b, Py_EQ) : -1;
    Py_XDECREF(a);
    Py_XDECREF(b);
    if (same < 0) keep_error(core);
    return same == 1;
}

bool same_part(Core *core, const Part *old, const Part *now, PyObject *name) {
    if (old->node != NULL || now->node != NULL) return old->node == now->node;
    if (old->raw == now->raw) return true;
    if (old->raw == NULL || now->raw == NULL) return false;
    if (name != NULL && may_be_secret(old->raw) && may_be_secret(now->raw) && tells(core, name)) {
        return same_by_name(core, old->raw, now->raw, name);
    }
    return same_atoms(core, old->raw, now->raw);
}

/* --- what an object holds now ------------------------------------------------------------------------------------- */

void content_free(Core *core, Content *content) {
    for (Py_ssize_t i = 0; i < content->n; i++) {
        if (content->keys != NULL) part_free(core, &content->keys[i]);
        part_free(core, &content->parts[i]);
    }
    free(content->keys);
    free(content->parts);
    memset(content, 0, sizeof *content);
}

/* Take references to everything an object holds at this moment: no code runs meanwhile. */
static int take_raw(PyObject *object, int reading, PyObject *dict, Content *content) {
    bool paired = reading == READ_DICT || reading == READ_INSTANCE;
    Py_ssize_t n = paired ? PyDict_GET_SIZE(dict) : Py_SIZE(object);
    content->parts = calloc((size_t)n + 1, sizeof(Part));
    content->keys = paired ? calloc((size_t)n + 1, sizeof(Part)) : NULL;
    if (content->parts == NULL || (paired && content->keys == NULL)) {
        PyErr_NoMemory();
        return -1;
    }
    if (!paired) {
        PyObject **items = reading == READ_LIST ? ((PyListObject *)object)->ob_item : ((PyTupleObject *)object)->ob_item;
        for (Py_ssize_t i = 0; i < n; i++) content->parts[i].raw = Py_NewRef(items[i]);
        content->n = n;
        return 0;
    }
    PyObject *key, *value;
    for (Py_ssize_t place = 0; content->n < n && PyDict_Next(dict, &place, &key, &value);) {
        if (reading == READ_INSTANCE && !is_shown(key)) continue;
        content->keys[content->n].raw = Py_NewRef(key);
        content->parts[content->n++].raw = Py_NewRef(value);
    }
    return 0;
}

/* Turn the raw references into parts: objects among them get their nodes, in order. */
static int meet_raw(Core *core, Part *part) {
    PyObject *raw = part->raw;
    if (part_of(core, raw, part) < 0) {
        part->raw = raw;
        return -1;
    }
    trash(core, raw);
    return 0;
}

int read_content(Core *core, PyObject *object, int reading, Content *content) {
    PyObject *dict = reading == READ_DICT ? Py_NewRef(object) : NULL;
    if (reading == READ_INSTANCE && (dict = PyObject_GenericGetDict(object, NULL)) == NULL) return -1;
    int done = take_raw(object, reading, dict, content);
    Py_XDECREF(dict);
    for (Py_ssize_t i = 0; done == 0 && i < content->n; i++) {
        if (content->keys != NULL && meet_raw(core, &content->keys[i]) < 0) done = -1;
        if (done == 0 && meet_raw(core, &content->parts[i]) < 0) done = -1;
    }
    if (done < 0) content_free(core, content);
    return done;
}

static Py_ssize_t length_of(PyObject *object, int reading) {
    if (reading == READ_DICT) return PyDict_GET_SIZE(object);
    if (reading == READ_LIST || reading == READ_TUPLE) return Py_SIZE(object);
    return -1;
}

/* --- telling an object whole -------------------------------------------------------------------------------------- */

int log_object(Core *core, Buffer *buffer, Node *node, const Content *content) {
    int reading = reading_of(node);
    int flags = reading == READ_INSTANCE ? 0 : HAS_LENGTH;
    if (content->n > 0) flags |= reading == READ_DICT ? HAS_ENTRIES : reading == READ_INSTANCE ? HAS_ATTRIBUTES : HAS_ELEMENTS;
    if (put_uv(buffer, node->number) < 0 || put_uv(buffer, node->type->index) < 0 || put8(buffer, (uint8_t)flags) < 0) return -1;
    if (content->n > 0 && put_uv(buffer, (uint64_t)content->n) < 0) return -1;
    for (Py_ssize_t i = 0; i < content->n; i++) {
        PyObject *name = NULL;
        if (content->keys != NULL) {
            name = content->keys[i].raw;
            int done = reading == READ_INSTANCE ? log_name(core, buffer, name) : log_part(core, buffer, &content->keys[i], NULL);
            if (done < 0) return -1;
            if (content->keys[i].node != NULL || !PyUnicode_CheckExact(name)) name = NULL;
        }
        if (log_part(core, buffer, &content->parts[i], name) < 0) return -1;
    }
    return flags & HAS_LENGTH ? put_uv(buffer, (uint64_t)content->n) : 0;
}

static int log_closed(Buffer *buffer, Node *node, Py_ssize_t length) {
    int flags = HAS_CUT | (length >= 0 ? HAS_LENGTH : 0);
    if (put_uv(buffer, node->number) < 0 || put_uv(buffer, node->type->index) < 0 || put8(buffer, (uint8_t)flags) < 0) return -1;
    if (length >= 0 && put_uv(buffer, (uint64_t)length) < 0) return -1;
    return put8(buffer, CUT_DEPTH);
}

int begin_whole(Core *core, Node *node) {
    int op = node->told ? OP_BECOME : OP_APPEAR;
    node->told = true;
    core->bytes += DELTA_BYTES;
    return log_cause(core) < 0 ? -1 : put8(&core->log, (uint8_t)op);
}

static int tell_whole(Core *core, Node *node, const Content *content) {
    node->closed = false;
    core->bytes += PART_BYTES * (reading_of(node) == READ_DICT ? 2 : 1) * content->n;
    return begin_whole(core, node) < 0 ? -1 : log_object(core, &core->log, node, content);
}

static int hold_parts(Core *core, Node *node, const Part *parts, Py_ssize_t n, int (*support)(Core *, Node *, int)) {
    for (Py_ssize_t i = 0; parts != NULL && i < n; i++) {
        if (parts[i].node == NULL) continue;
        if (support(core, parts[i].node, node->level + 1) < 0) return -1;
        if (!parts[i].node->held) core->new_unheld = true;
    }
    return 0;
}

/* Keep the raw parts of a list side by side as well. */
static int mirror(Node *node) {
    if (reading_of(node) != READ_LIST) return 0;
    PyObject **raw = realloc(node->raw, ((size_t)node->cap + 1) * sizeof *raw);
    if (raw == NULL) return PyErr_NoMemory(), -1;
    node->raw = raw;
    for (Py_ssize_t i = 0; i < node->n; i++) raw[i] = node->parts[i].raw;
    return 0;
}

/* Make what was read what the log knows. Takes the content over. */
int install(Core *core, Node *node, Content *content) {
    Content old = {node->keys, node->parts, node->n};
    node->keys = content->keys;
    node->parts = content->parts;
    node->n = node->cap = content->n;
    bool was_open = node->open;
    node->open = true;
    Py_CLEAR(node->places);
    memset(content, 0, sizeof *content);
    if (hold_parts(core, node, node->parts, node->n, support_add) < 0) return -1;
    if (hold_parts(core, node, node->keys, node->n, support_add) < 0) return -1;
    if (was_open) {
        if (hold_parts(core, node, old.parts, old.n, support_drop) < 0) return -1;
        if (hold_parts(core, node, old.keys, old.n, support_drop) < 0) return -1;
    }
    content_free(core, &old);
    return mirror(node);
}

/* --- what changed in a sequence ----------------------------------------------------------------------------------- */

int tell_element(Core *core, Node *node, Py_ssize_t place, const Part *now) {
    if (begin_delta(core, OP_SETELEM, node->number) < 0 || put_uv(&core->log, (uint64_t)place) < 0) return -1;
    return log_part(core, &core->log, now, NULL);
}

int tell_splice(Core *core, Node *node, Py_ssize_t place, Py_ssize_t removed, const Part *parts, Py_ssize_t n) {
    if (begin_delta(core, OP_SPLICE, node->number) < 0 || put_uv(&core->log, (uint64_t)place) < 0) return -1;
    if (put_uv(&core->log, (uint64_t)removed) < 0 || put_uv(&core->log, (uint64_t)n) < 0) return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (log_part(core, &core->log, &parts[i], NULL) < 0) return -1;
    }
    return 0;
}

static int tell_elements(Core *core, Node *node, const Content *now) {
    Py_ssize_t changed = 0;
    for (Py_ssize_t i = 0; i < now->n; i++) changed += !same_part(core, &node->parts[i], &now->parts[i], NULL);
    if (changed > MOST_CHANGES) return tell_whole(core, node, now);
    for (Py_ssize_t i = 0; changed > 0 && i < now->n; i++) {
        if (same_part(core, &node->parts[i], &now->parts[i], NULL)) continue;
        if (tell_element(core, node, i, &now->parts[i]) < 0) return -1;
    }
    return 0;
}

static int tell_sequence(Core *core, Node *node, const Content *now) {
    if (now->n == node->n) return tell_elements(core, node, now);
    Py_ssize_t head = 0, tail = 0, shorter = now->n < node->n ? now->n : node->n;
    while (head < shorter && same_part(core, &node->parts[head], &now->parts[head], NULL)) head++;
    while (tail < shorter - head && same_part(core, &node->parts[node->n - 1 - tail], &now->parts[now->n - 1 - tail], NULL)) tail++;
    return tell_splice(core, node, head, node->n - head - tail, now->parts + head, now->n - head - tail);
}

/* Replace one part by what is there now, where only one place changed. */
int replace_part(Core *core, Node *node, Part *part, Part *now) {
    if (now->node != NULL) {
        if (support_add(core, now->node, node->level + 1) < 0) return -1;
        if (!now->node->held) core->new_unheld = true;
    }
    if (part->node != NULL && support_drop(core, part->node, node->level + 1) < 0) return -1;
    part_free(core, part);
    *part = *now;
    if (node->raw != NULL) node->raw[part - node->parts] = now->raw;
    return 0;
}

static Py_ssize_t first_change(const Part *parts, PyObject **items, Py_ssize_t n) {
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!is_unchanged(&parts[i], items[i])) return i;
    }
    return n;
}

/* Some elements of a list were replaced. Returns 1 where there are too many for single changes. */
static int look_at_few_elements(Core *core, Node *node, Py_ssize_t first) {
    Py_ssize_t places[MOST_CHANGES];
    Part now[MOST_CHANGES];
    PyListObject *list = (PyListObject *)node->object;
    int n = 0;
    for (Py_ssize_t i = first; i < node->n; n++) {
        if (n == MOST_CHANGES) return 1;
        places[n] = i++;
        i += first_change(node->parts + i, list->ob_item + i, node->n - i);
    }
    for (int i = 0; i < n; i++) {
        if (part_of(core, list->ob_item[places[i]], &now[i]) < 0) return -1;
    }
    for (int i = 0; i < n; i++) {
        Part *part = &node->parts[places[i]];
        if (!same_part(core, part, &now[i], NULL) && tell_element(core, node, places[i], &now[i]) < 0) return -1;
        if (replace_part(core, node, part, &now[i]) < 0) return -1;
    }
    return 0;
}

/* What happens most: one element stored, one appended, some taken from the end. Returns 1 where it is something else. */
static int look_at_simple_list(Core *core, Node *node) {
    PyListObject *list = (PyListObject *)node->object;
    Py_ssize_t n = Py_SIZE(list), before = node->n;
    Py_ssize_t place = first_change(node->parts, list->ob_item, n < before ? n : before);
    if (n == before) return place == n ? 0 : look_at_few_elements(core, node, place);
    if (n == before + 1 && place == before) {
        if (node->cap < n) {
            Py_ssize_t cap = n + (n >> 1) + 4;
            Part *parts = realloc(node->parts, (size_t)cap * sizeof(Part));
            if (parts == NULL) return PyErr_NoMemory(), -1;
            node->parts = parts;
            node->cap = cap;
            if (mirror(node) < 0) return -1;
        }
        Part now, nothing = {NULL, NULL};
        if (part_of(core, list->ob_item[before], &now) < 0) return -1;
        node->parts[before] = nothing;
        node->n = n;
        if (tell_splice(core, node, before, 0, &now, 1) < 0) return -1;
        return replace_part(core, node, &node->parts[before], &now);
    }
    if (n < before && place == n) {
        if (tell_splice(core, node, n, before - n, NULL, 0) < 0) return -1;
        if (hold_parts(core, node, node->parts + n, before - n, support_drop) < 0) return -1;
        for (Py_ssize_t i = n; i < before; i++) part_free(core, &node->parts[i]);
        node->n = n;
        return 0;
    }
    return 1;
}

/* --- what changed in a dict or an instance ------------------------------------------------------------------------- */

static int tell_pair(Core *core, Node *node, const Part *key, const Part *value) {
    PyObject *name = key->node == NULL && PyUnicode_CheckExact(key->raw) ? key->raw : NULL;
    bool is_instance = reading_of(node) == READ_INSTANCE;
    if (begin_delta(core, is_instance ? OP_SETATTR : OP_SETENTRY, node->number) < 0) return -1;
    int done = is_instance ? log_name(core, &core->log, key->raw) : log_part(core, &core->log, key, NULL);
    return done < 0 ? -1 : log_part(core, &core->log, value, name);
}

static int tell_dropped(Core *core, Node *node, const Part *key) {
    bool is_instance = reading_of(node) == READ_INSTANCE;
    if (begin_delta(core, is_instance ? OP_DELATTR : OP_DELENTRY, node->number) < 0) return -1;
    return is_instance ? log_name(core, &core->log, key->raw) : log_part(core, &core->log, key, NULL);
}

static bool same_pair(Core *core, const Part *key, const Part *old, const Part *now) {
    PyObject *name = key->node == NULL && PyUnicode_CheckExact(key->raw) ? key->raw : NULL;
    return same_part(core, old, now, name);
}

static bool is_nan(const Part *part) {
    return part->node == NULL && PyFloat_CheckExact(part->raw) && PyFloat_AS_DOUBLE(part->raw) != PyFloat_AS_DOUBLE(part->raw);
}

/* For each pair of `now`, its place among the old pairs, or -1. Returns NULL where keys can't be told apart. */
static Py_ssize_t *places_before(Core *core, Node *node, const Content *now) {
    Py_ssize_t *places = malloc(((size_t)now->n + 1) * sizeof *places);
    Map by_key = {0};
    int nans = 0, other_nans = 0;
    if (places == NULL) return (Py_ssize_t *)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < node->n; i++) {
        nans += is_nan(&node->keys[i]);
        if (map_put(&by_key, node->keys[i].raw, (void *)(i + 1)) < 0) goto failed;
    }
    for (Py_ssize_t i = 0; i < now->n; i++) {
        other_nans += is_nan(&now->keys[i]);
        places[i] = (Py_ssize_t)map_get(&by_key, now->keys[i].raw) - 1;
        if (places[i] >= 0 && node->keys[places[i]].node == now->keys[i].node) continue;
        places[i] = -1;
        for (Py_ssize_t k = 0; k < node->n && now->keys[i].node == NULL; k++) {
            if (node->keys[k].node == NULL && same_part(core, &node->keys[k], &now->keys[i], NULL)) places[i] = k;
        }
    }
    if (nans > 1 || other_nans > 1) goto failed;
    map_free(&by_key);
    return places;
failed:
    map_free(&by_key);
    free(places);
    return NULL;
}

/* The order that putting and dropping would give must be the order there is. */
static bool in_order(const Py_ssize_t *places, Py_ssize_t n) {
    Py_ssize_t last = -1;
    bool fresh = false;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (places[i] < 0) {
            fresh = true;
        } else if (fresh || places[i] < last) {
            return false;
        } else {
            last = places[i];
        }
    }
    return true;
}

static int tell_pairs_from(Core *core, Node *node, const Content *now, const Py_ssize_t *places) {
    Py_ssize_t kept = 0, changed = 0;
    bool *stays = calloc((size_t)node->n + 1, sizeof(bool));
    if (stays == NULL) return PyErr_NoMemory(), -1;
    for (Py_ssize_t i = 0; i < now->n; i++) {
        if (places[i] >= 0) stays[places[i]] = true, kept++;
        changed += places[i] < 0 || !same_pair(core, &now->keys[i], &node->parts[places[i]], &now->parts[i]);
    }
    changed += node->n - kept;
    int done = 0;
    if (!in_order(places, now->n) || changed > MOST_CHANGES) {
        done = tell_whole(core, node, now);
    } else {
        for (Py_ssize_t i = 0; done == 0 && i < node->n; i++) {
            if (!stays[i]) done = tell_dropped(core, node, &node->keys[i]);
        }
        for (Py_ssize_t i = 0; done == 0 && i < now->n; i++) {
            if (places[i] < 0 || !same_pair(core, &now->keys[i], &node->parts[places[i]], &now->parts[i])) {
                done = tell_pair(core, node, &now->keys[i], &now->parts[i]);
            }
        }
    }
    free(stays);
    return done;
}

static int tell_pairs(Core *core, Node *node, const Content *now) {
    Py_ssize_t *places = places_before(core, node, now);
    if (places == NULL) return PyErr_Occurred() ? -1 : tell_whole(core, node, now);
    int done = tell_pairs_from(core, node, now, places);
    free(places);
    return done;
}

static void forget_dirt(Core *core, Node *node) {
    for (int i = 0; i < node->n_dirty_keys; i++) trash(core, node->dirty_keys[i]);
    node->n_dirty_keys = 0;
    node->dirty = node->anyhow = false;
}

static int note_place(Node *node, Py_ssize_t i) {
    PyObject *place = PyLong_FromSsize_t(i);
    int done = place == NULL ? -1 : PyDict_SetItem(node->places, node->keys[i].raw, place);
    Py_XDECREF(place);
    return done;
}

/* The place of a plain key among those that the log knows; -1: it is new; -2: an error. */
Py_ssize_t place_of_key(Node *node, PyObject *key) {
    if (node->n <= FEW_KEYS) {
        for (Py_ssize_t i = 0; i < node->n; i++) {
            if (node->keys[i].raw == key) return i;
        }
    }
    if (node->places == NULL) {
        if ((node->places = PyDict_New()) == NULL) return -2;
        for (Py_ssize_t i = 0; i < node->n; i++) {
            if (note_place(node, i) < 0) return -2;
        }
    }
    PyObject *place = PyDict_GetItemWithError(node->places, key);
    return place != NULL ? PyLong_AsSsize_t(place) : PyErr_Occurred() ? -2 : -1;
}

/* The place of an attribute, by its name, which is an interned string in the code and mostly in the dict; -1: none. */
Py_ssize_t place_of_name(const Node *node, PyObject *name) {
    for (Py_ssize_t i = 0; i < node->n; i++) {
        if (node->keys[i].raw == name) return i;
    }
    for (Py_ssize_t i = 0; i < node->n; i++) {
        if (PyUnicode_Compare(node->keys[i].raw, name) == 0) return i;
    }
    return -1;
}

static int append_pair(Core *core, Node *node, PyObject *key, PyObject *value) {
    if (node->cap == node->n) {
        Py_ssize_t cap = node->n + (node->n >> 1) + 4;
        Part *keys = realloc(node->keys, (size_t)cap * sizeof(Part));
        if (keys != NULL) node->keys = keys;
        Part *parts = realloc(node->parts, (size_t)cap * sizeof(Part));
        if (parts != NULL) node->parts = parts;
        if (keys == NULL || parts == NULL) return PyErr_NoMemory(), -1;
        node->cap = cap;
    }
    Part now, nothing = {NULL, NULL}, name = {Py_NewRef(key), NULL};
    if (part_of(core, value, &now) < 0) return Py_DECREF(key), -1;
    node->keys[node->n] = name;
    node->parts[node->n++] = nothing;
    if (node->places != NULL && note_place(node, node->n - 1) < 0) return -1;
    if (tell_pair(core, node, &name, &now) < 0) return -1;
    return replace_part(core, node, &node->parts[node->n - 1], &now);
}

/* One pair was stored, among `n` that there are now. Returns 1 where it is something else. */
static int look_at_pair(Core *core, Node *node, Py_ssize_t place, PyObject *key, PyObject *value, Py_ssize_t n) {
    if (place < 0) return n == node->n + 1 ? append_pair(core, node, key, value) : 1;
    if (n != node->n) return 1;
    if (is_unchanged(&node->parts[place], value)) return 0;
    Part now;
    if (part_of(core, value, &now) < 0) return -1;
    if (!same_pair(core, &node->keys[place], &node->parts[place], &now)) {
        if (tell_pair(core, node, &node->keys[place], &now) < 0) return -1;
    }
    return replace_part(core, node, &node->parts[place], &now);
}

/* One key was stored in a dict whose keys are plain. Returns 1 where it is something else. */
static int look_at_simple_dict(Core *core, Node *node) {
    if (node->anyhow || node->n_dirty_keys != 1 || !node->plain_keys || is_split(node->object)) return 1;
    PyObject *key = node->dirty_keys[0];
    PyObject *value = PyDict_GetItemWithError(node->object, key); /* borrowed; a plain key's look-up runs no code */
    if (value == NULL) return PyErr_Occurred() ? -1 : 1;
    Py_ssize_t place = place_of_key(node, key);
    return place < -1 ? -1 : look_at_pair(core, node, place, key, value, PyDict_GET_SIZE(node->object));
}

/* One attribute was stored, and nothing else. Returns 1 where it is something else. */
static int look_at_simple_instance(Core *core, Node *node) {
    PyObject *name = core->stored_name;
    if (core->stored_node != node || !is_shown(name)) return 1;
    PyObject *dict = PyObject_GenericGetDict(node->object, NULL);
    if (dict == NULL) return -1;
    PyObject *value = PyDict_GetItemWithError(dict, name);
    int done = value == NULL ? PyErr_Occurred() ? -1 : 1 : 0;
    if (value != NULL) {
        Py_ssize_t place = place_of_name(node, name);
        Py_INCREF(value);
        done = look_at_pair(core, node, place, name, value, node->n + (place < 0));
        trash(core, value);
    }
    Py_DECREF(dict);
    return done;
}

static bool has_plain_keys(const Node *node) {
    for (Py_ssize_t i = 0; i < node->n; i++) {
        PyObject *key = node->keys[i].raw;
        if (!PyUnicode_CheckExact(key) && !PyLong_CheckExact(key)) return false;
    }
    return true;
}

/* --- objects that Python code reads -------------------------------------------------------------------------------- */

/* Keep the raw parts, to compare them with what is there later. */
static int keep_raw(Node *node, PyObject *first, PyObject *second) {
    Py_ssize_t n = PyList_GET_SIZE(first), m = PyList_GET_SIZE(second);
    Part *parts = calloc((size_t)(n + m) + 1, sizeof(Part));
    if (parts == NULL) return PyErr_NoMemory(), -1;
    for (Py_ssize_t i = 0; i < n; i++) parts[i].raw = Py_NewRef(PyList_GET_ITEM(first, i));
    for (Py_ssize_t i = 0; i < m; i++) parts[n + i].raw = Py_NewRef(PyList_GET_ITEM(second, i));
    free(node->parts);
    node->parts = parts;
    node->n = n + m;
    node->n_first = n;
    return 0;
}

/* Replace the objects that the content names by those that `Core.child` was told of meanwhile. */
static int keep_children(Core *core, Node *node) {
    Py_ssize_t n = (Py_ssize_t)core->reads.n, before = node->open ? node->n_children : 0;
    Node **children = malloc(((size_t)n + 1) * sizeof(Node *)), **old = node->children;
    if (children == NULL) return PyErr_NoMemory(), -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        children[i] = core->reads.items[i];
        if (support_add(core, children[i], node->level + 1) < 0) return free(children), -1;
        if (!children[i]->held) core->new_unheld = true;
    }
    node->children = children;
    node->n_children = n;
    for (Py_ssize_t i = 0; i < before; i++) {
        if (support_drop(core, old[i], node->level + 1) < 0) return -1;
    }
    free(old);
    return 0;
}

static int tell_ready(Core *core, PyObject *deltas, Py_ssize_t parts) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(deltas); i++) {
        Py_ssize_t index = index_of(core, PyList_GET_ITEM(deltas, i));
        if (index < 0 || put8(&core->log, OP_PYDELTA) < 0 || put_uv(&core->log, (uint64_t)index) < 0) return -1;
        core->bytes += DELTA_BYTES;
    }
    core->bytes += PART_BYTES * parts;
    return 0;
}

static int look_by_python(Core *core, Node *node) {
    PyObject *seen = node->seen != NULL && !node->closed ? node->seen : Py_None;
    Nodes outer = core->reads;
    memset(&core->reads, 0, sizeof core->reads);
    PyObject *read = PyObject_CallMethod(core->host, "content", "OIOOiLi", node->object, node->number, node->type->reader, seen,
                                         (int)node->told, (long long)core->cause, (int)core->stores);
    int done = -1;
    PyObject *now, *first, *second, *deltas;
    Py_ssize_t parts;
    int is_cut;
    if (read != NULL && PyArg_ParseTuple(read, "OO!O!O!np", &now, &PyList_Type, &first, &PyList_Type, &second, &PyList_Type, &deltas, &parts, &is_cut)) {
        done = keep_children(core, node);
        for (Py_ssize_t i = 0; i < node->n; i++) trash(core, node->parts[i].raw);
        node->n = 0;
        if (done == 0 && node->held) done = keep_raw(node, first, second);
        if (is_cut) node->n_first = -1; /* over the limit, its parts are not kept: nothing is equal to them */
        if (done == 0) done = tell_ready(core, deltas, parts);
        if (done == 0 && (node->type->reading == READ_BY_PYTHON || node->type->reading == READ_INSTANCE)) done = find_attributes(core, node);
        trash(core, node->seen);
        node->seen = Py_NewRef(now);
        node->told = node->open = true;
        node->closed = false;
    }
    Py_XDECREF(read);
    free(core->reads.items);
    core->reads = outer;
    return done;
}

/* --- one object ---------------------------------------------------------------------------------------------------- */

static int look_closed(Core *core, Node *node) {
    node_close(core, node);
    big_free(core, node);
    Py_ssize_t length = length_of(node->object, reading_of(node));
    if (reading_of(node) == READ_BY_PYTHON) {
        PyObject *found = PyObject_CallMethod(core->host, "length", "OO", node->object, node->type->reader);
        if (found == NULL) return -1;
        length = PyLong_AsSsize_t(found);
        Py_DECREF(found);
    }
    if (node->told && node->closed && node->length == length) return 0;
    node->closed = true;
    node->length = length;
    return begin_whole(core, node) < 0 ? -1 : log_closed(&core->log, node, length);
}

/* Forget what the log was told of an open object: it will be told whole. */
static int drop_content(Core *core, Node *node) {
    if (!node->open) return 0;
    if (hold_parts(core, node, node->parts, node->n, support_drop) < 0) return -1;
    if (hold_parts(core, node, node->keys, node->n, support_drop) < 0) return -1;
    for (Py_ssize_t i = 0; i < node->n_children; i++) {
        if (support_drop(core, node->children[i], node->level + 1) < 0) return -1;
    }
    node_close(core, node);
    free(node->keys);
    node->keys = NULL;
    Py_CLEAR(node->seen);
    return 0;
}

static int change_type(Core *core, Node *node) {
    Type *type = type_of(core, Py_TYPE(node->object));
    if (type == NULL) return -1;
    if (drop_content(core, node) < 0) return -1;
    Py_CLEAR(node->seen);
    node->type = type;
    return 0;
}

static PyWeakReference *first_weak_reference(PyObject *object) {
    if (Py_TYPE(object)->tp_weaklistoffset == 0) return NULL;
    return (PyWeakReference *)*PyObject_GET_WEAKREFS_LISTPTR(object);
}

bool has_weak_references(PyObject *object) { return first_weak_reference(object) != NULL; }

/* Tell whether something written in C is called when the object ends, as `weakref.ref(x, ended.append)` asks for. */
static bool calls_back(PyObject *object) {
    for (PyWeakReference *weak = first_weak_reference(object); weak != NULL; weak = weak->wr_next) {
        if (weak->wr_callback != NULL && !PyFunction_Check(weak->wr_callback)) return true;
    }
    return false;
}

bool must_not_be_held(Node *node) {
    if (node->type->fleeting && !node->type->lent) return true;
    if (PyExceptionInstance_Check(node->object)) { /* its traceback holds the frames that it passed */
        PyObject *traceback = PyException_GetTraceback(node->object);
        Py_XDECREF(traceback);
        if (traceback != NULL) return true;
    }
    return node->type->weak && node->type->may_be_watched && has_weak_references(node->object);
}

/* Tell whether an object has more elements, entries or attributes than the limit. */
bool is_big(Core *core, const Node *node) {
    if (reading_of(node) != READ_INSTANCE) return length_of(node->object, reading_of(node)) > core->most_elements;
    if (core->stored_node == node && node->open && !node->big && node->n < core->most_elements) return false; /* one more at most */
    PyObject *dict = PyObject_GenericGetDict(node->object, NULL);
    if (dict == NULL) {
        keep_error(core);
        return false;
    }
    bool big = PyDict_GET_SIZE(dict) > core->most_elements;
    Py_DECREF(dict);
    return big;
}

static int look_into(Core *core, Node *node) {
    int reading = reading_of(node);
    bool big = is_big(core, node);
    if (reading == READ_BY_PYTHON || big || node->big) {
        if (big != node->big) big_free(core, node);
        if (big != node->big && reading != READ_BY_PYTHON && drop_content(core, node) < 0) return -1;
        node->big = big;
        if (big && reading == READ_LIST) return look_at_big_list(core, node);
        if (reading == READ_BY_PYTHON || big) return look_by_python(core, node);
    }
    if (reading == READ_INSTANCE && core->stored_node != node && find_attributes(core, node) < 0) return -1;
    int simple = 1;
    if (node->open && reading == READ_LIST) simple = look_at_simple_list(core, node);
    if (node->open && reading == READ_DICT) simple = look_at_simple_dict(core, node);
    if (node->open && reading == READ_INSTANCE) simple = look_at_simple_instance(core, node);
    if (simple <= 0) return simple;
    Content now = {0};
    if (read_content(core, node->object, reading, &now) < 0) return -1;
    int done = !node->open                                          ? tell_whole(core, node, &now)
               : reading == READ_LIST || reading == READ_TUPLE      ? tell_sequence(core, node, &now)
                                                                    : tell_pairs(core, node, &now);
    if (done < 0) {
        content_free(core, &now);
        return -1;
    }
    if (install(core, node, &now) < 0) return -1;
    if (reading == READ_DICT) node->plain_keys = has_plain_keys(node);
    return 0;
}

/* Bring what the log knows of an object in view up to date. */
int look_at(Core *core, Node *node) {
    int done = 0;
    if (node->type->type != NULL && node->type->type != Py_TYPE(node->object)) done = change_type(core, node);
    if (done == 0 && reading_of(node) == READ_DICT && !node->watched) done = watch(core, node->object, node);
    if (done == 0) done = node->level >= core->depth ? look_closed(core, node) : look_into(core, node);
    if (done < 0) return -1;
    forget_dirt(core, node);
    if (node->type->may_be_watched && calls_back(node->object)) core->runs_unseen = true;
    if (node->held) {
        if (must_not_be_held(node)) return unhold(core, node);
        if (node->type->lent && lent_add(core, node) < 0) return -1;
        if (reading_of(node) == READ_LIST && !node->big) {
            if (node->scan_at >= 0) scan_remove(core, node);
            return list_watch(core, node);
        }
        if (node->list_at >= 0) scan_remove(core, node);
        if (!node->type->fixed && reading_of(node) != READ_DICT) scan_add(core, node);
        if (node->big || node->type->may_be_watched) scan_add(core, node);
        if (reading_of(node) == READ_DICT && is_split(node->object)) scan_add(core, node);
    }
    return 0;
}

/* --- after code that may have changed anything --------------------------------------------------------------------- */

static bool list_changed(const Core *core, const Node *node) {
    PyListObject *list = (PyListObject *)node->object;
    if (!node->open) return node->length != Py_SIZE(list);
    if (Py_SIZE(list) != node->n) return true;
    if (core->new_unheld) return first_change(node->parts, list->ob_item, node->n) < node->n;
    return node->n > 0 && memcmp(list->ob_item, node->raw, (size_t)node->n * sizeof(PyObject *)) != 0;
}

static bool instance_changed(Core *core, const Node *node) {
    if (Py_TYPE(node->object) != node->type->type || has_weak_references(node->object)) return true;
    if (!node->open) return false;
    PyObject *dict = PyObject_GenericGetDict(node->object, NULL);
    if (dict == NULL) {
        keep_error(core);
        return false;
    }
    bool same = dict == node->attributes && same_pairs(node, dict);
    Py_DECREF(dict);
    return !same;
}

static bool dict_differs(const Node *node) {
    if (node->dirty || !node->watched || !node->open) return true;
    return is_split(node->object) && !same_pairs(node, node->object);
}

static bool raw_changed(const Node *node, PyObject *first, PyObject *second) {
    if (PyList_GET_SIZE(first) != node->n_first || PyList_GET_SIZE(second) != node->n - node->n_first) return true;
    for (Py_ssize_t i = 0; i < node->n; i++) {
        PyObject *now = i < node->n_first ? PyList_GET_ITEM(first, i) : PyList_GET_ITEM(second, i - node->n_first);
        if (node->parts[i].raw != now) return true;
    }
    return false;
}

static bool is_plain_function(PyObject *object) {
    if (!PyFunction_Check(object)) return false;
    PyFunctionObject *function = (PyFunctionObject *)object;
    return function->func_closure == NULL && (function->func_dict == NULL || PyDict_GET_SIZE(function->func_dict) == 0);
}

static bool foreign_changed(Core *core, Node *node) {
    PyObject *object = node->object;
    if (Py_TYPE(object) != node->type->type || (PyExceptionInstance_Check(object) && must_not_be_held(node))) return true;
    for (Py_ssize_t i = 0; i < node->n_children; i++) {
        if (!node->children[i]->held) return true; /* what is there by now must be asked */
    }
    if (node->n == 0 && is_plain_function(object)) return false;
    if (PyType_Check(object)) {
        PyTypeObject *type = (PyTypeObject *)object;
        if (node->version != 0 && type->tp_version_tag == node->version) return false;
        PyUnstable_Type_AssignVersionTag(type);
        node->version = type->tp_version_tag;
    }
    PyObject *read = PyObject_CallMethod(core->host, "raw", "OO", object, node->type->reader), *first, *second;
    bool changed = true;
    if (read == NULL || !PyArg_ParseTuple(read, "O!O!", &PyList_Type, &first, &PyList_Type, &second)) {
        keep_error(core);
    } else {
        changed = raw_changed(node, first, second) || (node->type->weak && node->type->may_be_watched && has_weak_references(object));
    }
    Py_XDECREF(read);
    return changed;
}

/* Tell whether an open object of a kind that is read here differs from what the log knows. */
bool has_changed(Core *core, Node *node) {
    switch (reading_of(node)) {
    case READ_LIST: return list_changed(core, node);
    case READ_INSTANCE: return instance_changed(core, node);
    case READ_DICT: return dict_differs(node);
    default: return false;
    }
}

#ifdef __GNUC__
typedef uintptr_t Pair __attribute__((vector_size(2 * sizeof(uintptr_t)), aligned(sizeof(uintptr_t)), may_alias));
#define DIFFERENCE(one, other, i) (((const Pair *)(one))[i] ^ ((const Pair *)(other))[i])
#define PREFETCH(address) __builtin_prefetch(address)

/* A short list's parts are compared here, four at once: calling somebody for it would cost more. */
static inline bool same_pointers(PyObject *const *one, PyObject *const *other, Py_ssize_t n) {
    if (n > 64) return memcmp(one, other, (size_t)n * sizeof(PyObject *)) == 0;
    if (n < 4) return n == 0 || (one[0] == other[0] && one[n / 2] == other[n / 2] && one[n - 1] == other[n - 1]);
    Py_ssize_t last = n - 4; /* four that overlap with those before */
    Pair differ = DIFFERENCE(one + last, other + last, 0) | DIFFERENCE(one + last, other + last, 1);
    for (; n > 4; n -= 4, one += 4, other += 4) differ |= DIFFERENCE(one, other, 0) | DIFFERENCE(one, other, 1);
    return (differ[0] | differ[1]) == 0;
}
#else
#define PREFETCH(address) ((void)(address))

static inline bool same_pointers(PyObject *const *one, PyObject *const *other, Py_ssize_t n) {
    return memcmp(one, other, (size_t)n * sizeof(PyObject *)) == 0;
}
#endif

enum { AHEAD = 8 };

/* Have the memory brought near that will be read some lists later. */
static inline void approach(const Listed *listed) {
    PREFETCH(listed[AHEAD].list);
    PREFETCH(listed[AHEAD].raw);
    PyObject *const *items = listed[AHEAD / 2].list->ob_item;
    PREFETCH(items);
    PREFETCH(items + 8);
}

static int scan_lists(Core *core) {
    bool careful = core->new_unheld;
    const Listed *end = core->lists + core->n_lists;
    for (const Listed *listed = core->lists; listed < end; listed++) {
        const PyListObject *list = listed->list;
        if (end - listed > AHEAD) approach(listed);
        if (Py_SIZE(list) == listed->n && Py_IS_TYPE(list, &PyList_Type) && !careful &&
            (listed->raw == NULL || same_pointers(list->ob_item, listed->raw, listed->n))) {
            continue;
        }
        Node *node = listed->node;
        if (!node->pending && list_changed(core, node) && mark_pending(core, node) < 0) return -1;
    }
    return 0;
}

/* Mark every object that differs from what the log knows. */
int scan_all(Core *core) {
    if (scan_lists(core) < 0) return -1;
    for (size_t i = 0; i < core->scan.n; i++) {
        Node *node = core->scan.items[i];
        if (node->pending) continue;
        int reading = reading_of(node);
        bool changed = node->big                   ? true
                       : reading == READ_LIST      ? list_changed(core, node)
                       : reading == READ_INSTANCE  ? instance_changed(core, node)
                       : reading == READ_DICT      ? node->open && dict_differs(node)
                       : node->open                ? foreign_changed(core, node)
                                                   : true;
        if (changed && mark_pending(core, node) < 0) return -1;
    }
    return 0;
}

/* --- dicts say themselves that they change ------------------------------------------------------------------------- */

int dict_changed(Core *core, Node *node, PyDict_WatchEvent event, PyObject *key) {
    if (event == PyDict_EVENT_DEALLOCATED) {
        node->watched = false;
        map_remove(&core->by_address, node->object);
        return 0;
    }
    if ((event == PyDict_EVENT_ADDED || event == PyDict_EVENT_MODIFIED) && !node->anyhow) {
        bool plain = PyUnicode_CheckExact(key) || PyLong_CheckExact(key);
        for (int i = 0; plain && i < node->n_dirty_keys; i++) {
            if (node->dirty_keys[i] == key) return 0;
        }
        if (plain && node->n_dirty_keys < MOST_DIRTY_KEYS) {
            node->dirty_keys[node->n_dirty_keys++] = Py_NewRef(key);
        } else {
            node->anyhow = true;
        }
        if (!plain) node->plain_keys = false;
    } else {
        node->anyhow = true;
    }
    node->dirty = true;
    return mark_pending(core, node);
}
