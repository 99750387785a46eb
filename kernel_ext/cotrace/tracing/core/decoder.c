/* The type `Decoder`: turns the log of a recording into steps, frames and entries of the ledger.

   `log.h` has the records. One after the other is decoded, each whole: what it needs is read and made first, and only
   then does the decoder go on to the state after it. So an exception on the way (no memory, Ctrl-C in a callback)
   leaves the decoder before that record, and `feed` can go on there. A log that can't be right raises a TraceError.

   A change names the step whose line made it. Mostly that is the frame's last line, which is not known until the step
   comes that the change belongs to: changes wait in `pending`, and those of the step itself get their cause there. */

#include "decoder.h"

#include "module.h"

static const char *const FRAME_KIND_NAMES[FRAME_KINDS] = {
    "function", "generator", "coroutine", "async_generator", "class", "module", "block", "globals",
};

/* --- changes ---------------------------------------------------------------------------------------------------- */

static PyObject *
get_current(Decoder *self)
{
    FrameState *frame = current_frame(self);
    self->holder = self->current;
    return frame == NULL ? NULL : Py_NewRef(frame->number);
}

static PyObject *
get_frame(Decoder *self)
{
    self->holder = get_below(self, self->n_frames, "the number of a frame");
    return self->holder < 0 ? NULL : Py_NewRef(self->states[self->holder].number);
}

/* Read a slot and return the name of that variable of the frame that was read just before. */
static PyObject *
get_slot(Decoder *self)
{
    PyObject *names = self->states[self->holder].names;
    Py_ssize_t slot = get_below(self, names == NULL ? 0 : PyTuple_GET_SIZE(names), "the slot of a variable");
    return slot < 0 ? NULL : Py_NewRef(PyTuple_GET_ITEM(names, slot));
}

/* What each change is made of, in the order of its fields; last comes its cause. */
static const struct {
    enum Part part;
    PyObject *(*get[MOST_FIELDS])(Decoder *);
} CHANGES[] = {
    [OP_BIND] = {PART_BIND, {get_current, get_slot, get_value}},
    [OP_BINDN] = {PART_BIND, {get_frame, get_str, get_value}},
    [OP_BINDF] = {PART_BIND, {get_frame, get_slot, get_value}},
    [OP_UNBIND] = {PART_UNBIND, {get_current, get_slot}},
    [OP_UNBINDN] = {PART_UNBIND, {get_frame, get_str}},
    [OP_UNBINDF] = {PART_UNBIND, {get_frame, get_slot}},
    [OP_APPEAR] = {PART_APPEAR, {get_whole_object}},
    [OP_BECOME] = {PART_BECOME, {get_whole_object}},
    [OP_SETELEM] = {PART_SET_ELEMENT, {get_number, get_number, get_value}},
    [OP_SPLICE] = {PART_SPLICE, {get_number, get_number, get_number, get_elements}},
    [OP_SETENTRY] = {PART_SET_ENTRY, {get_number, get_value, get_value}},
    [OP_DELENTRY] = {PART_DELETE_ENTRY, {get_number, get_value}},
    [OP_SETATTR] = {PART_SET_ATTRIBUTE, {get_number, get_str, get_value}},
    [OP_DELATTR] = {PART_DELETE_ATTRIBUTE, {get_number, get_str}},
};

/* Have a change wait for its step. Takes the reference to it. */
static int
await_step(Decoder *self, PyObject *delta, PyObject **cause)
{
    if (delta == NULL) {
        return -1;
    }
    if (self->n_pending == self->pending_cap) {
        Py_ssize_t cap = self->pending_cap == 0 ? 64 : 2 * self->pending_cap;
        Pending *pending = PyMem_Realloc(self->pending, (size_t)cap * sizeof *pending);
        if (pending == NULL) {
            Py_DECREF(delta);
            PyErr_NoMemory();
            return -1;
        }
        self->pending = pending;
        self->pending_cap = cap;
    }
    self->pending[self->n_pending++] = (Pending){delta, cause};
    return 0;
}

static int
on_change(Decoder *self, uint8_t op)
{
    PyObject *fields[MOST_FIELDS];
    enum Part part = CHANGES[op].part;
    int n = 0;
    for (; CHANGES[op].get[n] != NULL; n++) {
        fields[n] = CHANGES[op].get[n](self);
        if (fields[n] == NULL) {
            drop_fields(fields, n);
            return -1;
        }
    }
    fields[n] = Py_XNewRef(self->cause);
    PyObject *delta = make_part(&self->parts, part, fields);
    bool waits_for_cause = delta != NULL && self->cause == NULL;
    return await_step(self, delta, waits_for_cause ? last_field(&self->parts, part, delta) : NULL);
}

static int
on_ready_change(Decoder *self)
{
    Py_ssize_t place;
    PyObject *delta = get_object(self, &place);
    if (delta == NULL) {
        return -1;
    }
    for (int part = FIRST_DELTA; part <= LAST_DELTA; part++) {
        if (Py_IS_TYPE(delta, self->parts.shapes[part].type)) {
            return await_step(self, Py_NewRef(delta), NULL);
        }
    }
    return damaged(self, "the place of a change", place);
}

/* Read the number of a step, plus one; 0 stands for -1. */
static PyObject *
get_cause(Decoder *self)
{
    Py_ssize_t after = get_below(self, self->n_steps + 1, "a cause among the steps so far");
    return after < 0 ? NULL : number_of(&self->parts, after - 1);
}

static int
on_cause(Decoder *self)
{
    PyObject *cause = get_cause(self);
    if (cause == NULL) {
        return -1;
    }
    Py_XSETREF(self->cause, cause);
    return 0;
}

/* Return the changes that wait, as a tuple; they go on waiting. */
static PyObject *
changes_so_far(Decoder *self)
{
    if (self->n_pending == 0) {
        return Py_NewRef(self->parts.nothing);
    }
    PyObject *changes = new_tuple(self->n_pending);
    for (Py_ssize_t i = 0; changes != NULL && i < self->n_pending; i++) {
        PyTuple_SET_ITEM(changes, i, Py_NewRef(self->pending[i].delta));
    }
    return changes;
}

/* The changes have found their step: those without a cause get the step's. */
static void
settle_changes(Decoder *self, PyObject *cause)
{
    for (Py_ssize_t i = 0; i < self->n_pending; i++) {
        if (self->pending[i].cause != NULL) {
            *self->pending[i].cause = Py_NewRef(cause);
        }
        Py_DECREF(self->pending[i].delta);
    }
    self->n_pending = 0;
    Py_CLEAR(self->cause);
}

/* --- steps ------------------------------------------------------------------------------------------------------ */

/* Add a step of the current frame; the changes that wait are its. Takes the reference to `value`. */
static int
add_step(Decoder *self, uint8_t op, int64_t line, PyObject *cause, PyObject *value)
{
    FrameState *frame = &self->states[self->current];
    Parts *parts = &self->parts;
    enum { INDEX, LINE = 3, DELTA = 5 };
    PyObject *fields[MOST_FIELDS] = {
        PyLong_FromSsize_t(self->n_steps), Py_NewRef(parts->events[op]), Py_NewRef(frame->number),
        number_of(parts, line), Py_NewRef(frame->depth), changes_so_far(self), value, Py_NewRef(parts->nothing),
    };
    if (fields[INDEX] == NULL || fields[LINE] == NULL || fields[DELTA] == NULL) {
        drop_fields(fields, MOST_FIELDS);
        return -1;
    }
    PyObject *index = Py_NewRef(fields[INDEX]);
    PyObject *step = make_part(parts, PART_STEP, fields);
    if (step == NULL || PyList_Append(self->steps, step) < 0) {
        Py_XDECREF(step);
        Py_DECREF(index);
        return -1;
    }
    Py_DECREF(step);
    settle_changes(self, cause);
    self->n_steps++;
    frame->last_line = line;
    if (op == OP_LINE || op == OP_START) {
        Py_SETREF(frame->last_step, Py_NewRef(index));
    }
    Py_DECREF(index);
    return 0;
}

static int
on_line(Decoder *self, int64_t distance)
{
    FrameState *frame = current_frame(self);
    if (frame == NULL || check(self) < 0) {
        return -1;
    }
    if (distance < -INT32_MAX || distance > INT32_MAX || frame->last_line + distance < -INT32_MAX
        || frame->last_line + distance > INT32_MAX) {
        return damaged(self, "a line", distance);
    }
    return add_step(self, OP_LINE, frame->last_line + distance, frame->last_step, Py_NewRef(Py_None));
}

static int
on_start_or_resume(Decoder *self, uint8_t op)
{
    FrameState *frame = current_frame(self);
    PyObject *cause = frame == NULL ? NULL : get_cause(self);
    if (cause == NULL) {
        return -1;
    }
    int64_t line = op == OP_START ? frame->first_line : frame->last_line;
    int added = add_step(self, op, line, cause, Py_NewRef(Py_None));
    Py_DECREF(cause);
    return added;
}

static int
on_step_with_value(Decoder *self, uint8_t op)
{
    FrameState *frame = current_frame(self);
    PyObject *value = frame == NULL ? NULL : get_value(self);
    return value == NULL ? -1 : add_step(self, op, frame->last_line, frame->last_step, value);
}

/* The recording ended: the changes that wait came after the last step. */
static int
on_final(Decoder *self)
{
    PyObject *result;
    if (self->log.at < self->log.end && *self->log.at == NO_RESULT) {
        self->log.at++;
        result = Py_NewRef(Py_None);
    }
    else {
        result = get_value(self);
    }
    PyObject *changes = result == NULL ? NULL : changes_so_far(self);
    Py_ssize_t n = changes == NULL ? -1 : PyList_GET_SIZE(self->final);
    if (n < 0 || PyList_SetSlice(self->final, n, n, changes) < 0) {
        Py_XDECREF(result);
        Py_XDECREF(changes);
        return -1;
    }
    Py_DECREF(changes);
    settle_changes(self, self->parts.no_length);
    Py_SETREF(self->result, result);
    return 0;
}

/* --- the ledger ------------------------------------------------------------------------------------------------- */

static int
on_entry(Decoder *self, uint8_t op)
{
    Parts *parts = &self->parts;
    FrameState *frame = current_frame(self);
    PyObject *span = frame == NULL ? NULL : get_number(self);
    PyObject *value = span == NULL ? NULL : get_value(self);
    PyObject *objects = NULL, *at = NULL, *source = NULL;
    if (value != NULL) {
        objects = op == OP_ENTRYO ? get_whole_objects(self) : Py_NewRef(parts->nothing);
        at = objects == NULL ? NULL : number_of(parts, self->n_steps);
        source = at == NULL ? NULL : number_of(parts, frame->source);
    }
    if (source == NULL) {
        PyObject *made[] = {span, value, objects, at};
        drop_fields(made, 4);
        return -1;
    }
    PyObject *fields[] = {Py_NewRef(frame->last_step), at, source, span, value, objects};
    PyObject *entry = make_part(parts, PART_ENTRY, fields);
    int added = entry == NULL ? -1 : PyList_Append(self->entries, entry);
    Py_XDECREF(entry);
    return added;
}

static int
on_ready_entry(Decoder *self)
{
    Py_ssize_t place;
    PyObject *entry = get_object(self, &place);
    if (entry != NULL && !Py_IS_TYPE(entry, self->parts.shapes[PART_ENTRY].type)) {
        return damaged(self, "the place of an entry", place);
    }
    return entry == NULL ? -1 : PyList_Append(self->entries, entry);
}

/* --- records ---------------------------------------------------------------------------------------------------- */

static int
on_record(Decoder *self)
{
    uint8_t op = get8(&self->log);
    if (op >= OP_SHORT_LINE) {
        return on_line(self, (op & 0x7f) - SHORT_LINE_BIAS);
    }
    switch (op) {
    case OP_LINE:
        return on_line(self, get_sv(&self->log));
    case OP_START:
    case OP_RESUME:
        return on_start_or_resume(self, op);
    case OP_RETURN:
    case OP_YIELD:
    case OP_RAISE:
    case OP_UNWIND:
        return on_step_with_value(self, op);
    case OP_FRAME:
        return on_frame(self);
    case OP_NEWFRAME:
        return on_new_frame(self);
    case OP_NEWGLOBALS:
        return on_new_globals(self);
    case OP_ENDFRAME:
        return on_end_frame(self);
    case OP_DEPTH:
        return on_depth(self);
    case OP_FINAL:
        return on_final(self);
    case OP_CAUSE:
        return on_cause(self);
    case OP_DEFAULT:
        Py_CLEAR(self->cause);
        return 0;
    case OP_PYDELTA:
        return on_ready_change(self);
    case OP_ENTRY:
    case OP_ENTRYO:
        return on_entry(self, op);
    case OP_PYENTRY:
        return on_ready_entry(self);
    default:
        if (op < sizeof CHANGES / sizeof *CHANGES && CHANGES[op].get[0] != NULL) {
            return on_change(self, op);
        }
        return damaged(self, "the first byte of a record", op);
    }
}

/* Records that are decoded at a stretch, about a millisecond: then threads that wait may run. */
#define STRETCH 8192

/* Let threads that wait for the interpreter have it. `busy` keeps them from the log's decoder. */
static void
let_others_run(void)
{
    PyEval_RestoreThread(PyEval_SaveThread());
}

static bool
is_step(uint8_t op)
{
    return op >= OP_SHORT_LINE || op == OP_LINE || op == OP_START || op == OP_RESUME || op == OP_RETURN || op == OP_YIELD
           || op == OP_RAISE || op == OP_UNWIND;
}

/* Decode the records of a part of the log, up to the step with this number. `next` says how far that came, whatever
   happens. */
static int
on_records(Decoder *self, const uint8_t *begin, Py_ssize_t start, Py_ssize_t end, Py_ssize_t step)
{
    self->log_begin = begin;
    self->log = (Reader){begin + start, begin + end, 0};
    self->next = start;
    for (Py_ssize_t n = 1; self->log.at < self->log.end; n++) {
        if (self->n_steps >= step && is_step(*self->log.at)) {
            break;
        }
        if (on_record(self) < 0) {
            return -1;
        }
        self->next = self->log.at - begin;
        if (n % STRETCH == 0) {
            let_others_run();
        }
    }
    return 0;
}

PyDoc_STRVAR(feed_doc,
"feed($self, log, start, end, step=sys.maxsize, /)\n"
"--\n"
"\n"
"Decode the records of log[start:end], which must be whole; only what stands before that step, where it is given.\n"
"\n"
"May be called again and again as the log grows. Raises TraceError where the log can't be right. After any exception\n"
"`next` says where the record begins that was not decoded; one that passes (KeyboardInterrupt) can be made good by\n"
"feeding from there.");

static PyObject *
feed(Decoder *self, PyObject *args)
{
    Py_buffer log;
    Py_ssize_t start, end, step = PY_SSIZE_T_MAX;
    if (!PyArg_ParseTuple(args, "y*nn|n:feed", &log, &start, &end, &step)) {
        return NULL;
    }
    int fed = -1;
    if (start < 0 || start > end || end > log.len) {
        PyErr_Format(PyExc_ValueError, "expected a part of a log of %zd bytes, found %zd:%zd", log.len, start, end);
    }
    else if (self->steps == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the garbage collector took this decoder apart; make a new one");
    }
    else if (self->busy) {
        PyErr_Format(self->error, "expected one feed at a time, found a second one; wait for the first");
    }
    else {
        self->busy = true;
        fed = on_records(self, log.buf, start, end, step);
        self->busy = false;
    }
    PyBuffer_Release(&log);
    return fed < 0 ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(columns_doc,
"columns($self, log, /)\n"
"--\n"
"\n"
"Return the numbers of the steps and frames of a whole log, without decoding it: ten columns of 32-bit numbers.\n"
"\n"
"Of each step line, event (its place in EventKind), frame and depth; of each frame code, parent, globals, start, end\n"
"and thread. A code is 8 times its place in the list of codes plus the place of its kind; of a globals frame it is -1\n"
"minus the place of its name in the list of objects. Raises TraceError where the log can't be right.");

static PyObject *
columns(Decoder *self, PyObject *log)
{
    Py_buffer view;
    if (self->steps == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the garbage collector took this decoder apart; make a new one");
        return NULL;
    }
    if (PyObject_GetBuffer(log, &view, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    PyObject *found = columns_of(self, view.buf, view.len);
    PyBuffer_Release(&view);
    return found;
}

PyDoc_STRVAR(forget_atoms_doc,
"forget_atoms($self, /)\n"
"--\n"
"\n"
"Ask for the atoms of objects anew from here on: a secret was learned that older ones may hold.");

/* May be called by the very callback that makes an atom, so the arrays stay where they are. */
static PyObject *
forget_atoms(Decoder *self, PyObject *Py_UNUSED(nothing))
{
    drop_fields(self->atoms.at, (int)self->atoms.n);
    drop_fields(self->long_atoms.at, (int)self->long_atoms.n);
    return Py_NewRef(Py_None);
}

/* --- the type --------------------------------------------------------------------------------------------------- */

static int
visit_all(Decoder *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    PyObject *const held[] = {
        self->objects, self->codes, self->types, self->atom, self->long_atom, self->error, self->steps, self->frames,
        self->entries, self->final, self->result,
    };
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        Py_VISIT(held[i]);
    }
    return parts_traverse(&self->parts, visit, arg);
}

static void
clear_atoms(AtomsMade *made)
{
    drop_fields(made->at, (int)made->n);
    PyMem_Free(made->at);
    *made = (AtomsMade){NULL, 0};
}

static int
clear_all(Decoder *self)
{
    settle_changes(self, Py_None);
    clear_frames(self);
    clear_atoms(&self->atoms);
    clear_atoms(&self->long_atoms);
    drop_fields(self->kinds, FRAME_KINDS);
    drop_fields(self->cuts, 3);
    PyObject **held[] = {
        &self->objects, &self->codes, &self->types, &self->atom, &self->long_atom, &self->error, &self->steps,
        &self->frames, &self->entries, &self->final, &self->result,
    };
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        Py_CLEAR(*held[i]);
    }
    parts_clear(&self->parts);
    return 0;
}

static void
dealloc(Decoder *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    clear_all(self);
    PyMem_Free(self->pending);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Make what the decoder fills, and the texts that frames and objects share. */
static int
prepare(Decoder *self, PyObject *model)
{
    self->current = -1;
    self->result = Py_NewRef(Py_None);
    self->steps = PyList_New(0);
    self->frames = PyList_New(0);
    self->entries = PyList_New(0);
    self->final = PyList_New(0);
    self->cuts[CUT_LENGTH] = PyUnicode_InternFromString("length");
    self->cuts[CUT_DEPTH] = PyUnicode_InternFromString("depth");
    for (int kind = 0; kind < FRAME_KINDS; kind++) {
        self->kinds[kind] = PyUnicode_InternFromString(FRAME_KIND_NAMES[kind]);
        if (self->kinds[kind] == NULL) {
            return -1;
        }
    }
    PyObject *errors = PyImport_ImportModule("cotrace.errors");
    self->error = errors == NULL ? NULL : PyObject_GetAttrString(errors, "TraceError");
    Py_XDECREF(errors);
    if (!self->steps || !self->frames || !self->entries || !self->final || !self->cuts[CUT_LENGTH]
        || !self->cuts[CUT_DEPTH] || !self->error) {
        return -1;
    }
    return parts_init(&self->parts, model);
}

static PyObject *
new_decoder(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"objects", "codes", "types", "atom", "long_atom", "model", NULL};
    PyObject *objects, *codes, *types, *atom, *long_atom, *model;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!O!OOO:Decoder", names, &PyList_Type, &objects, &PyList_Type,
                                     &codes, &PyList_Type, &types, &atom, &long_atom, &model)) {
        return NULL;
    }
    Decoder *self = (Decoder *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->objects = Py_NewRef(objects);
    self->codes = Py_NewRef(codes);
    self->types = Py_NewRef(types);
    self->atom = Py_NewRef(atom);
    self->long_atom = Py_NewRef(long_atom);
    if (prepare(self, model) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyMemberDef members[] = {
    {"steps", Py_T_OBJECT_EX, offsetof(Decoder, steps), Py_READONLY, "The steps so far, a list that grows."},
    {"frames", Py_T_OBJECT_EX, offsetof(Decoder, frames), Py_READONLY, "The frames so far, a list that grows."},
    {"entries", Py_T_OBJECT_EX, offsetof(Decoder, entries), Py_READONLY, "The ledger so far, a list that grows."},
    {"final", Py_T_OBJECT_EX, offsetof(Decoder, final), Py_READONLY, "The changes seen after the last step."},
    {"result", Py_T_OBJECT_EX, offsetof(Decoder, result), Py_READONLY, "What the run ended with, or None."},
    {"objects", Py_T_OBJECT_EX, offsetof(Decoder, objects), Py_READONLY, "The objects that go with the log."},
    {"codes", Py_T_OBJECT_EX, offsetof(Decoder, codes), Py_READONLY, "The codes that go with the log."},
    {"next", Py_T_PYSSIZET, offsetof(Decoder, next), Py_READONLY, "Where in the log the next record begins."},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef methods[] = {
    {"feed", (PyCFunction)(void (*)(void))feed, METH_VARARGS, feed_doc},
    {"columns", (PyCFunction)columns, METH_O, columns_doc},
    {"forget_atoms", (PyCFunction)(void (*)(void))forget_atoms, METH_NOARGS, forget_atoms_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(decoder_doc,
"Decoder(objects, codes, types, atom, long_atom, model)\n"
"--\n"
"\n"
"Turns the log of a recording into steps, frames and entries of the ledger.\n"
"\n"
"objects, codes and types are the lists that go with the log, which may grow: codes of (qualified name, source, first\n"
"line, names of variables), types of (kind, name). atom(object) and long_atom(kept, length) return the Atom for an\n"
"object and for the kept part of a str. model has the classes of cotrace.model as attributes.");

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)decoder_doc},
    {Py_tp_new, new_decoder},
    {Py_tp_dealloc, dealloc},
    {Py_tp_traverse, visit_all},
    {Py_tp_clear, clear_all},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "cotrace.tracing._core.Decoder",
    .basicsize = sizeof(Decoder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int
add_decoder(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &spec, NULL);
    int added = type == NULL ? -1 : PyModule_AddType(module, (PyTypeObject *)type);
    Py_XDECREF(type);
    return added;
}
