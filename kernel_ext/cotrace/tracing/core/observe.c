/* The expression ledger: the value that one sub-expression had when it was evaluated.

   An entry tells the value, and the objects that it reaches where they differ from what was told of them before. Nothing
   that could change an object runs between most entries and the step before; then a known object needs no look. Else
   everything that the value reaches is looked at as it is now, while what the steps told stays as it was. */

#include "recorder.h"

#include "walk.h"

enum { ENTRY_BYTES = 150 };

/* One walk from a value. */
typedef struct {
    Nodes level, next, met, children;
    size_t *first_child;   /* of each in `met`, its first place in `children` */
    size_t cap;
    Buffer told;           /* the objects that differ, as the log has them */
    Buffer one;
    uint64_t n_told;
    int64_t parts;
} Walk;

static void walk_free(Walk *walk) {
    Nodes *all[] = {&walk->level, &walk->next, &walk->met, &walk->children};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]->items);
    free(walk->first_child);
    release(&walk->told);
    release(&walk->one);
}

static int come_to(Core *core, Walk *walk, Node *node) {
    if (node == NULL) return 0;
    if (nodes_push(&walk->children, node) < 0) return -1;
    if (node->epoch == core->epoch) return 0;
    node->epoch = core->epoch;
    return nodes_push(&walk->next, node);
}

static int begin_node(Walk *walk, Node *node) {
    if (walk->met.n == walk->cap) {
        size_t cap = walk->cap * 2 + 16;
        size_t *first = realloc(walk->first_child, cap * sizeof *first);
        if (first == NULL) return PyErr_NoMemory(), -1;
        walk->first_child = first;
        walk->cap = cap;
    }
    walk->first_child[walk->met.n] = walk->children.n;
    return nodes_push(&walk->met, node);
}

static int come_to_parts(Core *core, Walk *walk, const Part *keys, const Part *parts, Py_ssize_t n) {
    for (Py_ssize_t i = 0; i < n; i++) {
        if (keys != NULL && come_to(core, walk, keys[i].node) < 0) return -1;
        if (come_to(core, walk, parts[i].node) < 0) return -1;
    }
    return 0;
}

/* Tell what is in `walk->one` of a node, unless it was told already. */
static int tell_bytes(Core *core, Walk *walk, Node *node, int64_t at, int64_t parts) {
    PyObject *now = PyBytes_FromStringAndSize((const char *)walk->one.bytes, (Py_ssize_t)walk->one.n);
    if (now == NULL) return -1;
    if (node->overlay_at == at && node->overlay != NULL && PyBytes_CheckExact(node->overlay) &&
        PyObject_RichCompareBool(now, node->overlay, Py_EQ) == 1) {
        Py_DECREF(now);
        return 0;
    }
    Py_XSETREF(node->overlay, now);
    node->overlay_at = at;
    (void)core;
    walk->n_told++;
    walk->parts += 2 + parts;
    if (reserve(&walk->told, walk->one.n) < 0) return -1;
    memcpy(walk->told.bytes + walk->told.n, walk->one.bytes, walk->one.n);
    walk->told.n += walk->one.n;
    return 0;
}

static int tell_python(Core *core, Walk *walk, Node *node, PyObject *now, int64_t at) {
    PyObject *known = node->overlay_at == at ? node->overlay : node->closed ? NULL : node->seen;
    if (known != NULL && (known == now || PyObject_RichCompareBool(known, now, Py_EQ) == 1)) return 0;
    Py_XSETREF(node->overlay, Py_NewRef(now));
    node->overlay_at = at;
    Py_ssize_t index = index_of(core, now);
    walk->n_told++;
    PyObject *parts = PyObject_CallMethod(core->host, "parts_of", "O", now);
    if (index < 0 || parts == NULL) return -1;
    walk->parts += 2 + PyLong_AsLongLong(parts);
    Py_DECREF(parts);
    return put_uv(&walk->told, 0) < 0 ? -1 : put_uv(&walk->told, (uint64_t)index);
}

static int glance_by_python(Core *core, Walk *walk, Node *node, int64_t at) {
    Nodes outer = core->reads;
    memset(&core->reads, 0, sizeof core->reads);
    PyObject *seen = node->open && node->seen != NULL ? node->seen : Py_None;
    PyObject *now = PyObject_CallMethod(core->host, "glance", "OIOO", node->object, node->number, node->type->reader, seen);
    int done = now == NULL ? -1 : tell_python(core, walk, node, now, at);
    for (size_t i = 0; done == 0 && i < core->reads.n; i++) done = come_to(core, walk, core->reads.items[i]);
    Py_XDECREF(now);
    free(core->reads.items);
    core->reads = outer;
    return done;
}

static int glance_closed(Core *core, Walk *walk, Node *node, int64_t at) {
    if (node->told) return 0;
    PyObject *now = PyObject_CallMethod(core->host, "closed", "OIO", node->object, node->number, node->type->reader);
    if (now == NULL) return -1;
    int done = tell_python(core, walk, node, now, at);
    Py_DECREF(now);
    return done;
}

static int glance_at_big(Core *core, Walk *walk, Node *node, int64_t at) {
    Content now = {0};
    walk->one.n = 0;
    int changed = glance_at_big_list(core, node, &walk->one, &now);
    if (changed < 0) return -1;
    if (changed == 0) return come_to_parts(core, walk, NULL, node->parts, node->n);
    int done = tell_bytes(core, walk, node, at, now.n);
    if (done == 0) done = come_to_parts(core, walk, NULL, now.parts, now.n);
    content_free(core, &now);
    return done;
}

static int glance(Core *core, Walk *walk, Node *node, int64_t at, bool deep) {
    if (begin_node(walk, node) < 0) return -1;
    if (node->type->type != NULL && node->type->type != Py_TYPE(node->object)) return 0; /* told at the next step */
    if (deep) return glance_closed(core, walk, node, at);
    int reading = reading_of(node);
    if (node->open && node->big_list != NULL && is_big(core, node)) return glance_at_big(core, walk, node, at);
    if (reading == READ_BY_PYTHON || node->big || is_big(core, node)) {
        bool fixed = node->type->fixed && node->open && (node->held || node->n_children == 0) && node->overlay_at != at;
        if (!fixed) return glance_by_python(core, walk, node, at);
        for (Py_ssize_t i = 0; i < node->n_children; i++) {
            if (come_to(core, walk, node->children[i]) < 0) return -1;
        }
        return 0;
    }
    if (node->open && node->level < core->depth && node->overlay_at != at && node->held && !has_changed(core, node)) {
        return come_to_parts(core, walk, node->keys, node->parts, node->n);
    }
    Content now = {0};
    if (read_content(core, node->object, reading, &now) < 0) return -1;
    walk->one.n = 0;
    int done = 0;
    if (node->open && node->level < core->depth && node->overlay_at != at) {
        /* What the steps told is what it is compared with. */
        Content told = {node->keys, node->parts, node->n};
        done = log_object(core, &walk->one, node, &told);
        PyObject *bytes = done < 0 ? NULL : PyBytes_FromStringAndSize((const char *)walk->one.bytes, (Py_ssize_t)walk->one.n);
        if (bytes != NULL) {
            Py_XSETREF(node->overlay, bytes);
            node->overlay_at = at;
        }
        walk->one.n = 0;
    }
    if (done == 0) done = log_object(core, &walk->one, node, &now);
    if (done == 0) done = tell_bytes(core, walk, node, at, (reading == READ_DICT ? 2 : reading == READ_INSTANCE ? 0 : 1) * now.n);
    if (done == 0) done = come_to_parts(core, walk, now.keys, now.parts, now.n);
    content_free(core, &now);
    return done;
}

static int walk_all(Core *core, Walk *walk, Node *from, int64_t at) {
    core->epoch++;
    from->epoch = core->epoch;
    if (nodes_push(&walk->next, from) < 0) return -1;
    for (int depth = 0; walk->next.n > 0; depth++) {
        Nodes level = walk->next;
        walk->next = walk->level;
        walk->level = level;
        walk->next.n = 0;
        sort_nodes(&walk->level);
        for (size_t i = 0; i < walk->level.n; i++) {
            if (glance(core, walk, walk->level.items[i], at, depth >= core->depth) < 0) return -1;
        }
    }
    return 0;
}

/* Objects that no step knows stay known until the next one; what must not be held is not, nor what holds it. */
static int keep_met(Core *core, Walk *walk) {
    bool any = false;
    for (size_t i = 0; i < walk->met.n; i++) {
        Node *node = walk->met.items[i];
        if (node->level > core->depth && !node->floats) {
            node->floats = true;
            if (nodes_push(&core->floating, node) < 0) return -1;
        }
        if (node->held && must_not_be_held(node) && unhold(core, node) < 0) return -1;
        if (node->held && node->type->lent && !holds_only(core, node->object, false) && unhold(core, node) < 0) return -1;
        any = any || !node->held;
    }
    for (bool grown = any; grown;) {
        grown = false;
        for (size_t i = walk->met.n; i-- > 0;) {
            Node *node = walk->met.items[i];
            if (node->held && node->type->lent && !holds_only(core, node->object, false)) {
                if (unhold(core, node) < 0) return -1;
                grown = true;
            }
            size_t end = i + 1 < walk->met.n ? walk->first_child[i + 1] : walk->children.n;
            for (size_t k = walk->first_child[i]; k < end; k++) {
                if (walk->children.items[k]->held) continue;
                grown = grown || node->held;
                if (unhold(core, node) < 0) return -1;
                big_let_go(core, node);
                break;
            }
        }
    }
    for (size_t i = 0; any && i < walk->met.n; i++) {
        /* A dict that is not held says when it ends, and with it that another one may come to its address. */
        Node *node = walk->met.items[i];
        if (node->held || node->watched || reading_of(node) != READ_DICT) continue;
        node->anyhow = true;
        if (watch(core, node->object, node) < 0) return -1;
    }
    return 0;
}

static int entry_of_object(Core *core, Node *node, uint32_t span, int64_t at) {
    Walk walk = {0};
    int done = walk_all(core, &walk, node, at);
    if (done == 0) done = keep_met(core, &walk);
    Buffer *log = &core->log;
    if (done == 0) done = put8(log, walk.n_told > 0 ? OP_ENTRYO : OP_ENTRY);
    if (done == 0) done = put_uv(log, span);
    if (done == 0) done = put8(log, VALUE_REF);
    if (done == 0) done = put_uv(log, node->number);
    if (done == 0 && walk.n_told > 0) {
        done = put_uv(log, walk.n_told) < 0 || reserve(log, walk.told.n) < 0 ? -1 : 0;
        if (done == 0) {
            memcpy(log->bytes + log->n, walk.told.bytes, walk.told.n);
            log->n += walk.told.n;
            core->bytes += PART_BYTES * walk.parts;
        }
    }
    walk_free(&walk);
    return done;
}

static void note_disturbed(Core *core, int disturbs) {
    if (disturbs == DISTURBS || (disturbs == DISTURBS_IF_MISSING && core->may_miss)) core->disturbed_at = core->steps;
}

/* What most expressions are, in the current frame: a number that is no long one. */
int observe_number(Core *core, uint32_t span, PyObject *value, int disturbs) {
    Buffer *log = &core->log;
    core->bytes += ENTRY_BYTES;
    if (put8(log, OP_ENTRY) < 0 || put_uv(log, span) < 0 || log_atom(core, log, value) < 0) return -1;
    note_disturbed(core, disturbs);
    return 0;
}

int observe(Core *core, Record *record, uint32_t span, PyObject *value, PyObject *name, int flags) {
    Buffer *log = &core->log;
    Part part;
    int64_t at = core->steps;
    bool quiet = core->disturbed_at != at;
    if (core->current_frame != record->number) {
        core->current_frame = record->number;
        if (put8(log, OP_FRAME) < 0 || put_uv(log, record->number) < 0) return -1;
    }
    if ((flags & SPAN_MAKES) || ((flags & SPAN_MAKES_ALONE) && at == record->entry_at)) meet_new(core, value);
    record->entry_at = at;
    if (part_of(core, value, &part) < 0) return -1;
    core->bytes += ENTRY_BYTES;
    int done;
    if (part.node != NULL && !(quiet && part.node->held && part.node->told)) {
        done = entry_of_object(core, part.node, span, at);
    } else {
        done = put8(log, OP_ENTRY) < 0 || put_uv(log, span) < 0 ? -1 : log_part(core, log, &part, name);
        if (part.node == NULL) part_free(core, &part);
    }
    note_disturbed(core, flags & (DISTURBS | DISTURBS_IF_MISSING));
    return done;
}
