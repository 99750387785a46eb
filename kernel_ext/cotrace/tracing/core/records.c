/* The frames in view: their variables, the module namespaces that they use, and the threads that run them.

   A frame's variables are read one by one (`read_by_name`), and only those that the line which ran may have bound
   (`cotrace.tracing.plan` says which); namespaces and class bodies say themselves that they change, being watched. */

#include "recorder.h"

#include <string.h>

enum { MOST_SLOTS = 512 };

/* --- code objects -------------------------------------------------------------------------------------------------- */

static int *ints_of(PyObject *tuple, int end, int *n) {
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    int *found = malloc(((size_t)size + 1) * sizeof(int));
    if (found == NULL) return (int *)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < size; i++) found[i] = (int)PyLong_AsLong(PyTuple_GET_ITEM(tuple, i));
    found[size] = end;
    if (n != NULL) *n = (int)size;
    return found;
}

static int fill_names(Core *core, Code *code, PyObject *names, PyObject *hidden, PyObject *doubled) {
    code->n_slots = (int)PyTuple_GET_SIZE(names);
    code->names = calloc((size_t)code->n_slots + 1, sizeof(PyObject *));
    code->telling = calloc((size_t)code->n_slots + 1, sizeof(bool));
    code->hidden = calloc((size_t)code->n_slots + 1, sizeof(bool));
    code->doubled = calloc((size_t)code->n_slots + 1, sizeof(bool));
    code->shared = calloc((size_t)code->n_slots + 1, sizeof(bool));
    if (code->names == NULL || code->telling == NULL || code->hidden == NULL) return PyErr_NoMemory(), -1;
    if (code->doubled == NULL || code->shared == NULL) return PyErr_NoMemory(), -1;
    for (const int *cell = code->cells; *cell >= 0; cell++) code->shared[*cell] = true;
    for (int i = 0; i < code->n_slots; i++) {
        code->names[i] = Py_NewRef(PyTuple_GET_ITEM(names, i));
        code->telling[i] = tells(core, code->names[i]);
        code->hidden[i] = PyBytes_AS_STRING(hidden)[i] != 0;
        code->doubled[i] = PyBytes_AS_STRING(doubled)[i] != 0;
    }
    return 0;
}

static int fill_stores(Store **stores, PyObject *given) {
    Py_ssize_t n = PyTuple_GET_SIZE(given);
    if (n == 0) return 0;
    if ((*stores = calloc((size_t)n + 1, sizeof(Store))) == NULL) return PyErr_NoMemory(), -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        Store *store = &(*stores)[i];
        PyObject *key;
        int in_place;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(given, i), "iiiOp", &store->what, &store->container, &store->index, &key, &in_place)) return -1;
        store->key = key == Py_None ? NULL : Py_NewRef(key);
        store->in_place = in_place;
    }
    return 0;
}

static void free_stores(Store *stores) {
    for (Store *store = stores; store != NULL && store->what != STORE_NOTHING; store++) Py_XDECREF(store->key);
    free(stores);
}

static int fill_lines(Code *code, PyObject *flags, PyObject *slots, PyObject *first_bind, PyObject *stores) {
    code->n_lines = (int)PyBytes_GET_SIZE(flags);
    code->flags = malloc((size_t)code->n_lines + 1);
    code->slots = calloc((size_t)code->n_lines + 1, sizeof(int *));
    code->first_bind = calloc((size_t)code->n_lines + 1, sizeof(int32_t));
    code->stores = calloc((size_t)code->n_lines + 1, sizeof(Store *));
    if (code->flags == NULL || code->slots == NULL || code->first_bind == NULL || code->stores == NULL) return PyErr_NoMemory(), -1;
    memcpy(code->flags, PyBytes_AS_STRING(flags), (size_t)code->n_lines);
    memcpy(code->first_bind, PyBytes_AS_STRING(first_bind), (size_t)code->n_lines * sizeof(int32_t));
    for (int i = 0; i < code->n_lines; i++) {
        if ((code->slots[i] = ints_of(PyTuple_GET_ITEM(slots, i), -1, NULL)) == NULL) return -1;
        if (fill_stores(&code->stores[i], PyTuple_GET_ITEM(stores, i)) < 0) return -1;
    }
    return 0;
}

static int code_fill(Core *core, Code *code, PyObject *plan) {
    PyObject *names, *hidden, *doubled, *cells, *entry, *flags, *slots, *first_bind, *stores, *stored, *shadows, *global_names, *lines;
    int index, source, kind, is_function, is_module, is_root;
    if (!PyArg_ParseTuple(plan, "iiipppiO!O!O!O!O!O!O!O!O!O!OO!O!", &index, &source, &kind, &is_function, &is_module, &is_root, &code->first_line,
                          &PyTuple_Type, &names, &PyBytes_Type, &hidden, &PyBytes_Type, &doubled, &PyTuple_Type, &cells, &PyTuple_Type, &entry,
                          &PyBytes_Type, &flags, &PyTuple_Type, &slots, &PyBytes_Type, &first_bind,
                          &PyTuple_Type, &stores, &PyTuple_Type, &stored, &shadows,
                          &PyTuple_Type, &global_names, &PyBytes_Type, &lines)) {
        return -1;
    }
    code->in_scope = true;
    code->index = (uint32_t)index;
    code->source = source;
    code->kind = (uint8_t)kind;
    code->is_function = is_function;
    code->is_module = is_module;
    code->is_root = is_root;
    code->shadows = shadows == Py_None ? NULL : Py_NewRef(shadows);
    code->global_names = Py_NewRef(global_names);
    code->lines = Py_NewRef(lines);
    if ((code->cells = ints_of(cells, -1, &code->n_cells)) == NULL) return -1;
    if ((code->entry = ints_of(entry, -1, &code->n_entry)) == NULL) return -1;
    if ((code->stored = ints_of(stored, -1, NULL)) == NULL) return -1;
    return fill_names(core, code, names, hidden, doubled) < 0 ? -1 : fill_lines(code, flags, slots, first_bind, stores);
}

static void code_free(Code *code) {
    for (int i = 0; i < code->n_slots && code->names != NULL; i++) Py_XDECREF(code->names[i]);
    for (int i = 0; i < code->n_lines && code->slots != NULL; i++) free(code->slots[i]);
    for (int i = 0; i < code->n_lines && code->stores != NULL; i++) free_stores(code->stores[i]);
    free(code->names);
    free(code->telling);
    free(code->hidden);
    free(code->doubled);
    free(code->shared);
    free(code->cells);
    free(code->entry);
    free(code->stored);
    free(code->flags);
    free(code->first_bind);
    free(code->stores);
    for (Record *spare = code->spare, *next; spare != NULL; spare = next) {
        next = spare->older;
        free(spare);
    }
    free(code->slots);
    Py_XDECREF(code->shadows);
    Py_XDECREF(code->global_names);
    Py_XDECREF(code->lines);
    Py_DECREF(code->code);
    free(code);
}

/* Tell whether a file is in a folder; no file is in no folder. */
static int is_in(PyObject *file, PyObject *folders, Py_ssize_t place) {
    if (!PyTuple_Check(folders) || place >= PyTuple_GET_SIZE(folders)) return 0;
    return (int)PyUnicode_Tailmatch(file, PyTuple_GET_ITEM(folders, place), 0, PY_SSIZE_T_MAX, -1);
}

/* Tell whether code is out of scope whoever asks: ours, some of which runs in every recording. */
static bool is_passed_over(Core *core, PyObject *object) {
    PyObject *file = ((PyCodeObject *)object)->co_filename;
    return is_in(file, core->passed_over, 0) == 1 && is_in(file, core->passed_over, 1) == 0;
}

/* Return what is known of a code object; at the first time ask whether it is in scope. */
Code *code_meet(Core *core, PyObject *object, PyFrameObject *frame) {
    Code *code = map_get(&core->code_map, object);
    if (code != NULL) return code;
    PyObject *plan = is_passed_over(core, object) ? Py_NewRef(Py_None)
                                                  : PyObject_CallMethod(core->host, "meet_code", "OO", object, frame);
    if (plan == NULL) return NULL;
    code = calloc(1, sizeof *code);
    if (code == NULL) {
        Py_DECREF(plan);
        return (Code *)PyErr_NoMemory();
    }
    code->code = Py_NewRef(object);
    int done = plan == Py_None ? 0 : code_fill(core, code, plan);
    Py_DECREF(plan);
    if (done < 0 || map_put(&core->code_map, object, code) < 0) {
        code_free(code);
        return NULL;
    }
    return code;
}

/* --- threads -------------------------------------------------------------------------------------------------------- */

/* Another thread runs than the last time. */
Thread *thread_found(Core *core, uint64_t id) {
    for (size_t i = 0; i < core->n_threads; i++) {
        if (core->threads[i].id != id) continue;
        core->last_thread = (int)i;
        core->ran_elsewhere = true;
        return &core->threads[i];
    }
    Thread *threads = realloc(core->threads, (core->n_threads + 1) * sizeof *threads);
    if (threads == NULL) return (Thread *)PyErr_NoMemory();
    core->threads = threads;
    Thread *fresh = &threads[core->n_threads];
    memset(fresh, 0, sizeof *fresh);
    fresh->id = id;
    fresh->number = (int)core->n_threads++;
    core->last_thread = fresh->number;
    core->ran_elsewhere = true;
    return fresh;
}

int thread_push(Thread *thread, Record *record) {
    if (thread->n == thread->cap) {
        size_t cap = thread->cap * 2 + 16;
        Record **stack = realloc(thread->stack, cap * sizeof *stack);
        if (stack == NULL) return PyErr_NoMemory(), -1;
        thread->stack = stack;
        thread->cap = cap;
    }
    thread->stack[thread->n++] = record;
    return 0;
}

/* --- variables ------------------------------------------------------------------------------------------------------ */

typedef struct {
    Record *record;  /* whose variable it is, or ... */
    Namespace *names;
    int place;
    PyObject *name;
    bool telling;
} Owner;

static int log_owner(Core *core, const Owner *owner, bool bound) {
    Buffer *log = &core->log;
    core->bytes += DELTA_BYTES;
    if (log_cause(core) < 0) return -1;
    if (owner->record != NULL && owner->place >= 0) {
        if (owner->record->number == core->current_frame) {
            return put8(log, bound ? OP_BIND : OP_UNBIND) < 0 ? -1 : put_uv(log, (uint64_t)owner->place);
        }
        if (put8(log, bound ? OP_BINDF : OP_UNBINDF) < 0 || put_uv(log, owner->record->number) < 0) return -1;
        return put_uv(log, (uint64_t)owner->place);
    }
    if (put8(log, bound ? OP_BINDN : OP_UNBINDN) < 0) return -1;
    if (put_uv(log, owner->names->number) < 0) return -1;
    return log_name(core, log, owner->name);
}

static void variable_clear(Core *core, Variable *variable) {
    if (variable->part.node != NULL) root_drop(core, variable->part.node);
    part_free(core, &variable->part);
    trash(core, variable->told);
    variable->told = NULL;
    variable->bound = variable->is_long = false;
}

static int variable_unbind(Core *core, Variable *variable, const Owner *owner) {
    variable_clear(core, variable);
    return log_owner(core, owner, false);
}

/* A long string is not held, since a second reference would make each `s += x` of the program a copy. */
static bool same_long(Core *core, const Variable *variable, PyObject *value) {
    if (!variable->is_long || variable->length != PyUnicode_GET_LENGTH(value)) return false;
    return PyUnicode_Tailmatch(value, variable->part.raw, 0, PyUnicode_GET_LENGTH(variable->part.raw), -1) == 1 || core->error != NULL;
}

static int bind_long(Core *core, Variable *variable, PyObject *value, const Owner *owner) {
    if (variable->bound && same_long(core, variable, value)) return 0;
    Py_ssize_t length = PyUnicode_GET_LENGTH(value), kept = length < core->most_string ? length : core->most_string;
    PyObject *head = PyUnicode_FromKindAndData(PyUnicode_KIND(value), PyUnicode_DATA(value), kept);
    if (head == NULL) return -1;
    uint32_t order = variable->bound ? variable->order : ++core->n_bound;
    variable_clear(core, variable);
    variable->part.raw = head;
    variable->length = length;
    variable->order = order;
    variable->bound = variable->is_long = true;
    if (log_owner(core, owner, true) < 0) return -1;
    if (core->has_secrets && length > kept) return log_described(core, &core->log, value);
    return log_long(core, &core->log, head, length);
}

/* A value with a telling name is compared, and told, by what stands for it. */
static int bind_secret(Core *core, Variable *variable, PyObject *value, const Owner *owner) {
    PyObject *atom = atom_by_name(core, value, owner->name);
    if (atom == NULL) return -1;
    int same = variable->told != NULL ? PyObject_RichCompareBool(variable->told, atom, Py_EQ) : 0;
    uint32_t order = variable->bound ? variable->order : ++core->n_bound;
    variable_clear(core, variable);
    variable->part.raw = Py_NewRef(value);
    variable->told = atom;
    variable->order = order;
    variable->bound = true;
    if (same != 0) return same < 0 ? -1 : 0;
    Py_ssize_t index = index_of(core, atom);
    if (index < 0 || log_owner(core, owner, true) < 0 || put8(&core->log, VALUE_ATOM) < 0) return -1;
    return put_uv(&core->log, (uint64_t)index);
}

/* What happens most: a variable that held no object is given a number. */
static int bind_plain(Core *core, Variable *variable, PyObject *value, const Owner *owner) {
    PyObject *before = variable->part.raw;
    bool same = variable->bound && same_atoms(core, before, value);
    if (!variable->bound) variable->order = ++core->n_bound;
    variable->bound = true;
    variable->part.raw = Py_NewRef(value);
    trash(core, before);
    if (same) return 0;
    return log_owner(core, owner, true) < 0 ? -1 : log_atom(core, &core->log, value);
}

static int variable_bind(Core *core, Variable *variable, PyObject *value, const Owner *owner) {
    Part *part = &variable->part;
    if (part->node == NULL && !variable->is_long && variable->told == NULL && !owner->telling && is_plain(value)) {
        return part->raw == value && variable->bound ? 0 : bind_plain(core, variable, value, owner);
    }
    if (variable->bound && part->raw == value && !variable->is_long && (part->node == NULL || part->node->held)) return 0;
    bool is_string = PyUnicode_CheckExact(value);
    if (owner->telling && (is_string || PyBytes_CheckExact(value) || PyLong_CheckExact(value))) {
        return bind_secret(core, variable, value, owner);
    }
    if (is_string && PyUnicode_GET_LENGTH(value) > LONG_STRING) return bind_long(core, variable, value, owner);
    Part now;
    if (part_of(core, value, &now) < 0) return -1;
    bool same = variable->bound && !variable->is_long && variable->told == NULL && same_part(core, part, &now, NULL);
    if (now.node != NULL) {
        if (root_add(core, now.node) < 0) return -1;
    }
    uint32_t order = variable->bound ? variable->order : ++core->n_bound;
    variable_clear(core, variable);
    variable->part = now;
    variable->order = order;
    variable->bound = true;
    if (same) return 0;
    return log_owner(core, owner, true) < 0 ? -1 : log_part(core, &core->log, part, NULL);
}

/* --- what a frame holds ---------------------------------------------------------------------------------------------- */

static bool is_shadowed(const Record *record, int slot) {
    if (record->code->shadows == NULL) return false;
    int at = PyFrame_GetLasti(record->frame);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(record->code->shadows); i++) {
        PyObject *shadow = PyTuple_GET_ITEM(record->code->shadows, i);
        long where = PyLong_AsLong(PyTuple_GET_ITEM(shadow, 0)), first = PyLong_AsLong(PyTuple_GET_ITEM(shadow, 1));
        if (where == slot && first < at && at <= PyLong_AsLong(PyTuple_GET_ITEM(shadow, 2))) return true;
    }
    return false;
}

/* Return a new reference to what the variable of that slot holds; NULL where it is not bound.

   `PyFrame_GetVar` compares the name with that of each slot. Since Python 3.13 a view of the variables finds one sooner,
   which pays for frames that are read often. What a view says of a shared variable depends on where the frame is. */
#if PY_VERSION_HEX >= 0x030D0000
static PyObject *read_by_name(Record *record, int slot) {
    enum { MANY_READS = 24 };
    const Code *code = record->code;
    PyObject *value;
    if (record->view != NULL && !code->shared[slot]) {
        value = Py_TYPE(record->view)->tp_as_mapping->mp_subscript(record->view, code->names[slot]);
    } else {
        if (record->n_reads < MANY_READS && ++record->n_reads == MANY_READS && code->is_function) {
            record->view = PyFrame_GetLocals(record->frame);
            if (record->view == NULL) PyErr_Clear();
        }
        value = PyFrame_GetVar(record->frame, code->names[slot]);
    }
    if (value == NULL) PyErr_Clear();
    return value;
}
#else
static PyObject *read_by_name(const Record *record, int slot) {
    PyObject *value = PyFrame_GetVar(record->frame, record->code->names[slot]);
    if (value == NULL) PyErr_Clear();
    return value;
}
#endif

/* Return a new reference to what a slot holds; NULL, without an error, where it is not bound. */
static PyObject *read_slot(Core *core, Record *record, int slot) {
    if (record->code->doubled[slot]) {
        PyObject *found = PyObject_CallMethod(core->host, "read_local", "OO", record->frame, record->code->names[slot]);
        if (found == NULL) keep_error(core);
        PyObject *held = found != NULL && PyTuple_GET_SIZE(found) == 1 ? Py_NewRef(PyTuple_GET_ITEM(found, 0)) : NULL;
        Py_XDECREF(found);
        return held;
    }
    if (is_shadowed(record, slot)) return NULL;
    PyObject *value = read_by_name(record, slot);
#if PY_VERSION_HEX < 0x030D0000
    /* As the reference engine has it, which can't tell the two apart there. */
    if (!record->code->is_function && value != NULL) {
        PyObject *own = PyDict_GetItemWithError(record->namespace->dict, record->code->names[slot]);
        if (own == value) Py_CLEAR(value);
    }
#endif
    return value;
}

typedef struct { Variable *variables[MOST_SLOTS]; int places[MOST_SLOTS]; int n; } Unbound;

static int look_at_slot(Core *core, Record *record, int slot, Unbound *unbound) {
    if (record->code->hidden[slot]) return 0;
    Variable *variable = &record->variables[slot];
    PyObject *value = read_slot(core, record, slot);
    if (value == NULL) {
        if (variable->bound && unbound->n < MOST_SLOTS) {
            unbound->variables[unbound->n] = variable;
            unbound->places[unbound->n++] = slot;
        }
        return 0;
    }
    Owner owner = {record, NULL, slot, record->code->names[slot], record->code->telling[slot]};
    int done = variable_bind(core, variable, value, &owner);
    trash(core, value);
    return done;
}

static int tell_unbound(Core *core, Record *record, Namespace *names, Unbound *unbound) {
    for (int left = unbound->n; left > 0; left--) {
        int first = 0;
        for (int i = 1; i < unbound->n; i++) {
            Variable *one = unbound->variables[i], *best = unbound->variables[first];
            if (one != NULL && (best == NULL || one->order < best->order)) first = i;
        }
        int place = unbound->places[first];
        Owner owner = {names ? NULL : record, names, names ? -1 : place,
                       names ? PyList_GET_ITEM(names->names, place) : record->code->names[place], false};
        Variable *variable = unbound->variables[first];
        unbound->variables[first] = NULL;
        if (variable_unbind(core, variable, &owner) < 0) return -1;
    }
    return 0;
}

static int look_at_slots(Core *core, Record *record, const int *slots, bool cells, bool all) {
    Unbound unbound;
    unbound.n = 0;
    int n = record->code->n_slots, done = 0;
    if (slots == NULL) slots = record->code->stored;
    if (!all && !cells) {
        for (; *slots >= 0; slots++) {
            int slot = *slots & ~IF_BOUND;
            if (slot != *slots && !record->variables[slot].bound) continue;
            if (look_at_slot(core, record, slot, &unbound) < 0) return -1;
        }
        return unbound.n > 0 ? tell_unbound(core, record, NULL, &unbound) : 0;
    }
    bool few[MOST_SLOTS] = {false}, *wanted = n <= MOST_SLOTS ? few : calloc((size_t)n, sizeof(bool));
    if (wanted == NULL) return PyErr_NoMemory(), -1;
    for (; *slots >= 0; slots++) wanted[*slots & ~IF_BOUND] = true;
    for (const int *slot = record->code->cells; cells && *slot >= 0; slot++) wanted[*slot] = true;
    for (int i = 0; done == 0 && i < n; i++) {
        if (all || wanted[i]) done = look_at_slot(core, record, i, &unbound);
    }
    if (wanted != few) free(wanted);
    return done == 0 && unbound.n > 0 ? tell_unbound(core, record, NULL, &unbound) : done;
}

/* --- namespaces ------------------------------------------------------------------------------------------------------ */

static Py_ssize_t place_of(Namespace *names, PyObject *name) {
    PyObject *place = PyDict_GetItemWithError(names->index, name);
    return place == NULL ? -1 : PyLong_AsSsize_t(place);
}

static Py_ssize_t show(Namespace *names, PyObject *name) {
    if (names->n == names->cap) {
        Py_ssize_t cap = names->cap * 2 + 16;
        Variable *variables = realloc(names->variables, (size_t)cap * sizeof(Variable));
        if (variables != NULL) names->variables = variables;
        bool *touched = realloc(names->touched, (size_t)cap);
        if (touched != NULL) names->touched = touched;
        if (variables == NULL || touched == NULL) return PyErr_NoMemory(), -1;
        names->cap = cap;
    }
    PyObject *place = PyLong_FromSsize_t(names->n);
    if (place == NULL || PyDict_SetItem(names->index, name, place) < 0 || PyList_Append(names->names, name) < 0) {
        Py_XDECREF(place);
        return -1;
    }
    Py_DECREF(place);
    memset(&names->variables[names->n], 0, sizeof(Variable));
    names->touched[names->n] = true;
    names->dirty = true;
    return names->n++;
}

static int use_names(Core *core, Namespace *names, Code *code) {
    core->names_changed = true;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->global_names); i++) {
        PyObject *name = PyTuple_GET_ITEM(code->global_names, i);
        if (is_shown(name) && place_of(names, name) < 0 && show(names, name) < 0) return -1;
    }
    return 0;
}

static Namespace *namespace_new(Core *core, PyObject *dict, bool is_body) {
    Namespace *names = calloc(1, sizeof *names);
    if (names == NULL) return (Namespace *)PyErr_NoMemory();
    names->dict = Py_NewRef(dict);
    names->index = PyDict_New();
    names->names = PyList_New(0);
    names->added = PyList_New(0);
    names->before = is_body ? NULL : PySet_New(dict);
    names->is_body = is_body;
    names->anyhow = names->dirty = core->names_changed = true;
    names->also = map_get(&core->dict_owners, dict);
    if (map_put(&core->dict_owners, dict, names) < 0 || watch(core, dict, names) < 0) return NULL;
    return names;
}

static Namespace *namespace_of(Core *core, PyObject *dict) {
    for (size_t i = 0; i < core->n_namespaces; i++) {
        if (core->namespaces[i]->dict == dict) return core->namespaces[i];
    }
    Namespace **all = realloc(core->namespaces, (core->n_namespaces + 1) * sizeof *all);
    if (all == NULL) return (Namespace *)PyErr_NoMemory();
    core->namespaces = all;
    Namespace *names = namespace_new(core, dict, false);
    if (names == NULL) return NULL;
    PyObject *module = PyDict_GetItemString(dict, "__name__"), *nothing = PyUnicode_FromString("");
    names->is_notebook = PyDict_GetItemString(dict, "get_ipython") != NULL;
    names->number = core->n_frames++;
    all[core->n_namespaces++] = names;
    int done = put8(&core->log, OP_NEWGLOBALS);
    if (done == 0) done = log_name(core, &core->log, module != NULL && PyUnicode_CheckExact(module) ? module : nothing);
    Py_XDECREF(nothing);
    return done < 0 ? NULL : names;
}

/* A watched dict changes: what is bound to the name by then is found at the next look. */
int namespace_changed(Core *core, Namespace *names, PyDict_WatchEvent event, PyObject *key) {
    if (event == PyDict_EVENT_DEALLOCATED) return 0;
    if (event == PyDict_EVENT_ADDED && PyUnicode_CheckExact(key) && PySet_Contains(core->pure, key) == 1) core->shadowed = true;
    names->dirty = core->names_changed = true;
    core->body_changed = core->body_changed || names->is_body;
    if (names->is_body || event == PyDict_EVENT_CLONED || event == PyDict_EVENT_CLEARED || key == NULL) {
        names->anyhow = true;
        return 0;
    }
    if (!PyUnicode_CheckExact(key)) return 0;
    Py_ssize_t place = place_of(names, key);
    if (place >= 0) {
        names->touched[place] = true;
    } else if (event == PyDict_EVENT_ADDED && PySet_Contains(names->before, key) == 0 && is_shown(key)) {
        return PyList_Append(names->added, key);
    }
    return 0;
}

static int show_added(Core *core, Namespace *names) {
    Py_ssize_t n = PyList_GET_SIZE(names->added);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *name = PyList_GET_ITEM(names->added, i);
        bool again = false;
        for (Py_ssize_t k = i + 1; k < n && !again; k++) again = PyUnicode_Compare(name, PyList_GET_ITEM(names->added, k)) == 0;
        if (again || place_of(names, name) >= 0 || PyDict_GetItemWithError(names->dict, name) == NULL) continue;
        if (names->is_notebook) {
            PyObject *shown = PyObject_CallMethod(core->host, "is_users_name", "O", name);
            if (shown == NULL) return -1;
            Py_DECREF(shown);
            if (shown != Py_True) continue;
        }
        if (show(names, name) < 0) return -1;
    }
    return PyList_SetSlice(names->added, 0, n, NULL);
}

static int look_at_name(Core *core, Namespace *names, Py_ssize_t place, Unbound *unbound) {
    PyObject *name = PyList_GET_ITEM(names->names, place);
    PyObject *value = Py_XNewRef(PyDict_GetItemWithError(names->dict, name));
    Variable *variable = &names->variables[place];
    if (value == NULL) {
        if (variable->bound && unbound->n < MOST_SLOTS) {
            unbound->variables[unbound->n] = variable;
            unbound->places[unbound->n++] = (int)place;
        }
        return 0;
    }
    Owner owner = {NULL, names, -1, name, tells(core, name)};
    int done = variable_bind(core, variable, value, &owner);
    trash(core, value);
    return done;
}

static int look_at_names(Core *core, Namespace *names) {
    if (!names->dirty) return 0;
    Unbound unbound;
    unbound.n = 0;
    if (PyList_GET_SIZE(names->added) > 0 && show_added(core, names) < 0) return -1;
    int64_t cause = core->cause;
    core->cause = -1; /* what was there before it was shown is nobody's doing */
    for (Py_ssize_t i = names->n_looked; i < names->n; i++) {
        int there = PySet_Contains(names->before, PyList_GET_ITEM(names->names, i));
        if (there < 0 || (there && look_at_name(core, names, i, &unbound) < 0)) return -1;
    }
    core->cause = cause;
    names->n_looked = names->n;
    for (Py_ssize_t i = 0; i < names->n; i++) {
        if ((names->touched[i] || names->anyhow) && look_at_name(core, names, i, &unbound) < 0) return -1;
        names->touched[i] = false;
    }
    names->dirty = names->anyhow = false;
    return tell_unbound(core, NULL, names, &unbound);
}

/* What a class body, or a text executed with a namespace of its own, has bound: all of it is shown. */
static int look_at_body(Core *core, Record *record) {
    Namespace *names = record->body;
    if (!names->dirty) return 0;
    Unbound unbound;
    unbound.n = 0;
    PyObject *now = PyDict_Copy(names->dict), *name, *value;
    if (now == NULL) return -1;
    int done = 0;
    for (int slot = 0; done == 0 && slot < record->code->n_slots; slot++) {
        /* An inlined comprehension's variable hides the body's own of that name. */
        value = record->code->hidden[slot] ? NULL : read_slot(core, record, slot);
        if (value != NULL) done = PyDict_SetItem(now, record->code->names[slot], value);
        trash(core, value);
    }
    for (Py_ssize_t at = 0; done == 0 && PyDict_Next(now, &at, &name, &value);) {
        if (!is_shown(name)) continue;
        Py_ssize_t place = place_of(names, name);
        if (place < 0) place = show(names, name);
        Owner owner = {NULL, names, -1, name, tells(core, name)};
        done = place < 0 ? -1 : variable_bind(core, &names->variables[place], value, &owner);
    }
    for (Py_ssize_t i = 0; done == 0 && i < names->n; i++) {
        if (names->variables[i].bound && PyDict_GetItemWithError(now, PyList_GET_ITEM(names->names, i)) == NULL) {
            done = look_at_name(core, names, i, &unbound);
        }
    }
    Py_DECREF(now);
    names->dirty = names->anyhow = false;
    return done < 0 ? -1 : tell_unbound(core, NULL, names, &unbound);
}

static void namespace_free(Core *core, Namespace *names) {
    Namespace *owner = map_get(&core->dict_owners, names->dict);
    if (owner != names) {
        while (owner != NULL && owner->also != names) owner = owner->also;
        if (owner != NULL) owner->also = names->also;
    } else if (names->also == NULL || map_put(&core->dict_owners, names->dict, names->also) < 0) {
        map_remove(&core->dict_owners, names->dict);
    }
    unwatch(core, names->dict);
    for (Py_ssize_t i = 0; i < names->n; i++) variable_clear(core, &names->variables[i]);
    free(names->variables);
    free(names->touched);
    Py_XDECREF(names->index);
    Py_XDECREF(names->names);
    Py_XDECREF(names->added);
    Py_XDECREF(names->before);
    trash(core, names->dict);
    free(names);
}

/* --- records --------------------------------------------------------------------------------------------------------- */

Record *record_of(Core *core, PyFrameObject *frame) {
    if (core->current != NULL && core->current->frame == frame) return core->current;
    Record *record = map_get(&core->records, frame);
    if (record != NULL) core->current = record;
    return record;
}

static Namespace *body_of(Core *core, Record *record, PyObject *globals) {
    PyObject *found = PyObject_CallMethod(core->host, "body", "O", record->frame);
    if (found == NULL) return NULL;
    Namespace *body = NULL;
    if (found != globals && PyDict_Check(found)) {
        body = namespace_new(core, found, true);
        if (body != NULL) body->number = record->number;
    }
    Py_DECREF(found);
    return body;
}

static int log_frame(Core *core, Record *record, uint32_t parent) {
    Buffer *log = &core->log;
    if (put8(log, OP_NEWFRAME) < 0 || put_uv(log, record->code->index) < 0 || put_uv(log, parent) < 0) return -1;
    if (put_uv(log, record->namespace->number) < 0 || put_uv(log, (uint64_t)record->thread) < 0) return -1;
    core->current_frame = record->number;
    return put8(log, record->kind);
}

static void link_record(Core *core, Record *record) {
    record->older = core->newest;
    if (core->newest != NULL) core->newest->newer = record;
    else core->oldest = record;
    core->newest = record;
}

static bool is_shared(const Record *record) { return record->code->n_cells > 0 || record->body != NULL; }

Record *record_add(Core *core, PyFrameObject *frame, Code *code, int kind) {
    PyObject *globals = PyFrame_GetGlobals(frame);
    Thread *thread = thread_now(core);
    Namespace *names = code->globals == globals && code->namespace != NULL ? code->namespace : namespace_of(core, globals);
    Py_DECREF(globals);
    if (thread == NULL || names == NULL) return NULL;
    if (code->namespace != names || code->globals != globals) {
        if (use_names(core, names, code) < 0) return NULL;
        code->namespace = names;
        code->globals = globals;
    }
    size_t size = sizeof(Record) + sizeof(Variable) * (size_t)code->n_slots;
    Record *record = code->spare;
    if (record != NULL) {
        code->spare = record->older;
        memset(record, 0, size);
    } else if ((record = calloc(1, size)) == NULL) {
        return (Record *)PyErr_NoMemory();
    }
    record->variables = (Variable *)(record + 1);
    record->frame = (PyFrameObject *)Py_NewRef((PyObject *)frame);
    record->code = code;
    record->namespace = names;
    record->number = core->n_frames++;
    record->kind = (uint8_t)kind;
    record->thread = thread->number;
    record->line = code->first_line;
    record->last_step = -1;
    record->entry_at = -1;
    uint32_t parent = thread->n > 0 ? thread->stack[thread->n - 1]->number + 1 : 0;
    if (!code->is_function) {
        record->body = body_of(core, record, globals);
        if (record->body == NULL && PyErr_Occurred()) return NULL;
    }
    if (map_put(&core->records, frame, record) < 0 || log_frame(core, record, parent) < 0) return NULL;
    link_record(core, record);
    core->n_shared += is_shared(record);
    core->current = record;
    return record;
}

int record_remove(Core *core, Record *record, int64_t step) {
    int done = flight_clear(core, record);
    for (int i = 0; i < record->code->n_slots; i++) {
        if (record->variables[i].bound) variable_clear(core, &record->variables[i]);
    }
    core->n_shared -= is_shared(record);
    if (record->body != NULL) namespace_free(core, record->body);
    if (record->older != NULL) record->older->newer = record->newer;
    else core->oldest = record->newer;
    if (record->newer != NULL) record->newer->older = record->older;
    else core->newest = record->older;
    map_remove(&core->records, record->frame);
    if (core->current == record) core->current = NULL;
    if (record->suspended) core->n_suspended--;
    Py_XDECREF(record->view); /* the frame is still held */
    trash(core, (PyObject *)record->frame);
    if (step >= -1) {
        if (put8(&core->log, OP_ENDFRAME) < 0 || put_uv(&core->log, record->number) < 0) done = -1;
        if (done == 0) done = put_uv(&core->log, (uint64_t)(step + 1));
    }
    record->older = record->code->spare;
    record->code->spare = record;
    return done;
}

/* The exception that passes in a frame is in view before any variable holds it. */
int flight_set(Core *core, Record *record, PyObject *error) {
    Part part = {NULL, NULL};
    if (error != NULL && error != Py_None && part_of(core, error, &part) < 0) return -1;
    if (part.node != NULL && root_add(core, part.node) < 0) return -1;
    if (flight_clear(core, record) < 0) return -1;
    record->flight_node = part.node;
    record->in_flight = Py_XNewRef(error);
    if (part.node == NULL) part_free(core, &part);
    return 0;
}

int flight_clear(Core *core, Record *record) {
    Node *node = record->flight_node;
    record->flight_node = NULL;
    trash(core, record->in_flight);
    record->in_flight = NULL;
    return node != NULL ? root_drop(core, node) : 0;
}

/* End the frames of generators that were closed or dropped while they were suspended: there is no event. */
int close_dead(Core *core) {
    for (Record *record = core->oldest, *next; record != NULL && core->n_suspended > 0; record = next) {
        next = record->newer;
        if (!record->suspended) continue;
        PyObject *generator = PyFrame_GetGenerator(record->frame);
        bool dead = generator == NULL;
        if (!dead) {
            const char *name = PyGen_CheckExact(generator) ? "gi_frame" : PyCoro_CheckExact(generator) ? "cr_frame" : "ag_frame";
            PyObject *frame = PyObject_GetAttrString(generator, name);
            dead = frame == Py_None;
            if (frame == NULL) PyErr_Clear();
            trash(core, frame);
            trash(core, generator);
        }
        if (dead && record_remove(core, record, core->steps - 1) < 0) return -1;
    }
    return 0;
}

/* --- one look --------------------------------------------------------------------------------------------------------- */

static int look_at_record(Core *core, Record *record, const int *slots, bool cells, bool all) {
    if (record->read_all) all = true;
    record->read_all = false;
    if (record->body != NULL) {
        if (all || (slots != NULL && *slots >= 0)) record->body->dirty = true;
        return look_at_body(core, record);
    }
    if (record->code->n_slots == 0) return 0;
    if (record->starting) slots = record->code->entry;
    record->starting = false;
    return look_at_slots(core, record, slots, cells && record->code->n_cells > 0, all);
}

/* The line of an instruction; -1: of none. */
int line_at(const Code *code, Py_ssize_t offset) {
    int32_t line = -1;
    Py_ssize_t place = offset / 2 * (Py_ssize_t)sizeof line;
    if (place + (Py_ssize_t)sizeof line <= PyBytes_GET_SIZE(code->lines)) {
        memcpy(&line, PyBytes_AS_STRING(code->lines) + place, sizeof line);
    }
    return line;
}

/* The slots that the frame's line may bind; of those that it is still `inside`, if it may have reached any. NULL: only
   those which are bound outside of any line. */
static const int *slots_of(const Record *record, bool inside) {
    unsigned place = (unsigned)(record->line - record->code->first_line);
    if (place >= (unsigned)record->code->n_lines) return NULL;
    const int *slots = record->code->slots[place];
    if (!inside || *slots < 0) return slots;
    int at = PyFrame_GetLasti(record->frame);
    return at < record->code->first_bind[place] && line_at(record->code, at) == record->line ? NULL : slots;
}

/* Bring all variables up to date. `ran` and `caller` (or NULL) are the frames whose code ran since the last look, each
   on its last line and, if `inside`, still there; `all`: any variable of any frame may have changed; `cells`: those that
   frames share may have. */
int look_at_variables(Core *core, Record *ran, Record *caller, bool inside, bool all, bool cells) {
    for (size_t i = 0; core->names_changed && i < core->n_namespaces; i++) {
        if (look_at_names(core, core->namespaces[i]) < 0) return -1;
    }
    core->names_changed = false;
    bool bodies = core->body_changed; /* frames may share one: a text that is executed, with its maker's */
    core->body_changed = false;
    if (!all && !bodies && (!cells || core->n_shared == 0)) {
        Record *first = caller, *second = ran;
        if (caller != NULL && ran->number < caller->number) first = ran, second = caller;
        if (first != NULL && look_at_record(core, first, slots_of(first, inside), false, false) < 0) return -1;
        if (second != first && look_at_record(core, second, slots_of(second, inside), false, false) < 0) return -1;
        return 0;
    }
    int64_t cause = core->cause;
    for (Record *record = core->oldest; record != NULL; record = record->newer) {
        bool has_run = record == ran || record == caller;
        if (!all && !has_run && record->code->n_cells == 0 && record->body == NULL && !record->read_all) continue;
        core->cause = ran != NULL && record->thread != ran->thread ? record->last_step : cause;
        const int *slots = has_run ? slots_of(record, inside) : NULL;
        if (look_at_record(core, record, slots, cells, all) < 0) return -1;
    }
    core->cause = cause;
    return 0;
}

/* Bring the variables up to date that the frame's last line may have bound; `inside`: it is still there. */
int look_at_own(Core *core, Record *record, bool inside) {
    if (record->starting || record->read_all) return look_at_record(core, record, NULL, false, false);
    return record->code->n_slots == 0 ? 0 : look_at_slots(core, record, slots_of(record, inside), false, false);
}

void frames_free(Core *core) {
    while (core->oldest != NULL) record_remove(core, core->oldest, -2);
    while (core->n_namespaces > 0) namespace_free(core, core->namespaces[--core->n_namespaces]);
    free(core->namespaces);
    core->namespaces = NULL;
    for (size_t i = 0; core->code_map.mask && i <= core->code_map.mask; i++) {
        if (core->code_map.keys[i] != NULL) code_free(core->code_map.values[i]);
    }
    for (size_t i = 0; i < core->n_threads; i++) free(core->threads[i].stack);
    free(core->threads);
    core->threads = NULL;
    core->n_threads = 0;
    map_free(&core->code_map);
    map_free(&core->records);
    map_free(&core->dict_owners);
}
