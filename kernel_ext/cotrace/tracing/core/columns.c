/* The numbers of the steps and frames of a log: see decoder.h.

   A front end shows lines and depths of a million steps at once, and values of a few. Making a step takes many times
   as long as reading its number, so this goes through the same records as decoder.c and makes no parts: what is no
   number of a step or frame is read to know where it ends, and checked as the decoder checks it. */

#include "decoder.h"

enum Column { LINE, EVENT, FRAME, DEPTH, CODE, PARENT, GLOBALS, START, END, THREAD, N_COLUMNS };

/* What is known of a frame while the log goes on. */
typedef struct {
    int64_t first_line, last_line;
    int32_t depth;
    Py_ssize_t n_slots;
} Known;

typedef struct {
    Decoder reader;             /* a copy that borrows the decoder's lists: its log is read, its state is not touched */
    Buffer columns[N_COLUMNS];
    Known *frames;
    Py_ssize_t n_frames, frame_cap, n_steps;
    Py_ssize_t current;         /* the frame that runs; -1 before the first */
    Py_ssize_t holder;          /* the frame whose variable a change is of, while that is read */
} Pass;

/* The place in EventKind of the event of a record. */
static const uint8_t EVENT_NUMBERS[] = {
    [OP_START] = 0, [OP_LINE] = 1, [OP_YIELD] = 2, [OP_RESUME] = 3, [OP_RAISE] = 4, [OP_RETURN] = 5, [OP_UNWIND] = 6,
};

/* --- columns ---------------------------------------------------------------------------------------------------- */

static int
put32(Buffer *column, int64_t number)
{
    int32_t narrow = (int32_t)number;
    if (reserve(column, sizeof narrow) < 0) {
        return -1;
    }
    memcpy(column->bytes + column->n, &narrow, sizeof narrow);
    column->n += sizeof narrow;
    return 0;
}

/* Read a number that a column can hold. */
static int64_t
get_narrow(Pass *pass, const char *what)
{
    return get_below(&pass->reader, INT32_MAX, what);
}

static Known *
current(Pass *pass)
{
    if (pass->current < 0) {
        damaged(&pass->reader, "a frame before what happens in it", pass->current);
        return NULL;
    }
    return &pass->frames[pass->current];
}

/* --- what is no number of a step or frame ------------------------------------------------------------------------ */

static int
skip_number(Pass *pass)
{
    return get_below(&pass->reader, PY_SSIZE_T_MAX, "a number") < 0 ? -1 : 0;
}

static int
skip_str(Pass *pass)
{
    Py_ssize_t place;
    PyObject *found = get_object(&pass->reader, &place);
    if (found != NULL && !PyUnicode_Check(found)) {
        return damaged(&pass->reader, "the place of a str", place);
    }
    return found == NULL ? -1 : 0;
}

/* Read the place of a part that was made before. */
static int
skip_ready(Pass *pass, enum Part kind, const char *what)
{
    Py_ssize_t place;
    PyObject *part = get_object(&pass->reader, &place);
    if (part != NULL && !Py_IS_TYPE(part, pass->reader.parts.shapes[kind].type)) {
        return damaged(&pass->reader, what, place);
    }
    return part == NULL ? -1 : 0;
}

static int
skip_value(Pass *pass)
{
    Decoder *reader = &pass->reader;
    Py_ssize_t place;
    uint8_t tag = get8(&reader->log);
    if (check(reader) < 0) {
        return -1;
    }
    if (tag >= VALUE_SMALL) {
        return 0;
    }
    switch (tag) {
    case VALUE_NONE:
    case VALUE_TRUE:
    case VALUE_FALSE:
    case VALUE_ELLIPSIS:
        return 0;
    case VALUE_INT:
        get_sv(&reader->log);
        return check(reader);
    case VALUE_FLOAT:
        get_f64(&reader->log);
        return check(reader);
    case VALUE_ATOM:
        return skip_ready(pass, PART_ATOM, "the place of an Atom");
    case VALUE_STR:
    case VALUE_RAW:
        return get_object(reader, &place) == NULL ? -1 : 0;
    case VALUE_LONG_STR:
        return get_object(reader, &place) == NULL ? -1 : skip_number(pass);
    case VALUE_REF:
        return get_below(reader, PY_SSIZE_T_MAX, "the number of an object") < 0 ? -1 : 0;
    default:
        return damaged(reader, "the first byte of a value", tag);
    }
}

/* Read how many there are, and then so many by each of one or two functions. */
static int
skip_many(Pass *pass, int (*skip)(Pass *), int (*then)(Pass *))
{
    Py_ssize_t n = get_count(&pass->reader);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (skip(pass) < 0 || (then != NULL && then(pass) < 0)) {
            return -1;
        }
    }
    return n < 0 ? -1 : 0;
}

static int
skip_elements(Pass *pass)
{
    return skip_many(pass, skip_value, NULL);
}

static int
skip_entries(Pass *pass)
{
    return skip_many(pass, skip_value, skip_value);
}

static int
skip_attributes(Pass *pass)
{
    return skip_many(pass, skip_str, skip_value);
}

static int
skip_positions(Pass *pass)
{
    Py_ssize_t n = get_count(&pass->reader), place = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t further = get_below(&pass->reader, PY_SSIZE_T_MAX - place, "a place in a sequence");
        if (further < 0) {
            return -1;
        }
        place += further;
    }
    return n < 0 ? -1 : 0;
}

static int
skip_cut(Pass *pass)
{
    uint8_t cut = get8(&pass->reader.log);
    if (check(&pass->reader) < 0) {
        return -1;
    }
    return cut == CUT_LENGTH || cut == CUT_DEPTH ? 0 : damaged(&pass->reader, "why an object is cut (1 or 2)", cut);
}

static int
skip_type(Pass *pass)
{
    PyObject *types = pass->reader.types;
    Py_ssize_t place = get_below(&pass->reader, PyList_GET_SIZE(types), "the number of a type");
    if (place < 0) {
        return -1;
    }
    PyObject *pair = PyList_GET_ITEM(types, place);
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        return damaged(&pass->reader, "a type of a kind and a name", place);
    }
    return 0;
}

static int
skip_object(Pass *pass)
{
    static int (*const skip_part[])(Pass *) = {
        skip_elements, skip_entries, skip_attributes, skip_number, skip_positions, skip_cut, skip_str,
    }; /* by the bit of their flag */
    Reader *log = &pass->reader.log;
    if (log->at < log->end && *log->at == READY_OBJECT) {
        log->at++;
        return skip_ready(pass, PART_HEAP_OBJECT, "the place of an object's description");
    }
    if (skip_number(pass) < 0 || skip_type(pass) < 0) {
        return -1;
    }
    uint8_t flags = get8(log);
    if (flags >= HAS_TEXT << 1) {
        return damaged(&pass->reader, "the flags of an object", flags);
    }
    for (int i = 0; i < 7; i++) {
        if (flags & 1 << i && skip_part[i](pass) < 0) {
            return -1;
        }
    }
    return check(&pass->reader);
}

/* --- changes and the ledger ------------------------------------------------------------------------------------- */

static int
skip_current(Pass *pass)
{
    pass->holder = pass->current;
    return current(pass) == NULL ? -1 : 0;
}

static int
skip_frame(Pass *pass)
{
    pass->holder = get_below(&pass->reader, pass->n_frames, "the number of a frame");
    return pass->holder < 0 ? -1 : 0;
}

static int
skip_slot(Pass *pass)
{
    return get_below(&pass->reader, pass->frames[pass->holder].n_slots, "the slot of a variable") < 0 ? -1 : 0;
}

/* What each change is made of, in the order of its fields. */
enum { MOST_SKIPS = 4 };
static int (*const CHANGES[][MOST_SKIPS])(Pass *) = {
    [OP_BIND] = {skip_current, skip_slot, skip_value},
    [OP_BINDN] = {skip_frame, skip_str, skip_value},
    [OP_BINDF] = {skip_frame, skip_slot, skip_value},
    [OP_UNBIND] = {skip_current, skip_slot},
    [OP_UNBINDN] = {skip_frame, skip_str},
    [OP_UNBINDF] = {skip_frame, skip_slot},
    [OP_APPEAR] = {skip_object},
    [OP_BECOME] = {skip_object},
    [OP_SETELEM] = {skip_number, skip_number, skip_value},
    [OP_SPLICE] = {skip_number, skip_number, skip_number, skip_elements},
    [OP_SETENTRY] = {skip_number, skip_value, skip_value},
    [OP_DELENTRY] = {skip_number, skip_value},
    [OP_SETATTR] = {skip_number, skip_str, skip_value},
    [OP_DELATTR] = {skip_number, skip_str},
};

static int
skip_change(Pass *pass, uint8_t op)
{
    if (op >= sizeof CHANGES / sizeof *CHANGES || CHANGES[op][0] == NULL) {
        return damaged(&pass->reader, "the first byte of a record", op);
    }
    for (int i = 0; i < MOST_SKIPS && CHANGES[op][i] != NULL; i++) {
        if (CHANGES[op][i](pass) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
skip_ready_change(Pass *pass)
{
    Py_ssize_t place;
    PyObject *delta = get_object(&pass->reader, &place);
    if (delta == NULL) {
        return -1;
    }
    for (int part = FIRST_DELTA; part <= LAST_DELTA; part++) {
        if (Py_IS_TYPE(delta, pass->reader.parts.shapes[part].type)) {
            return 0;
        }
    }
    return damaged(&pass->reader, "the place of a change", place);
}

static int
skip_cause(Pass *pass)
{
    return get_below(&pass->reader, pass->n_steps + 1, "a cause among the steps so far") < 0 ? -1 : 0;
}

static int
skip_ledger(Pass *pass, uint8_t op)
{
    if (current(pass) == NULL || skip_number(pass) < 0 || skip_value(pass) < 0) {
        return -1;
    }
    return op == OP_ENTRYO ? skip_many(pass, skip_object, NULL) : 0;
}

static int
skip_final(Pass *pass)
{
    Reader *log = &pass->reader.log;
    if (log->at < log->end && *log->at == NO_RESULT) {
        log->at++;
        return 0;
    }
    return skip_value(pass);
}

/* --- steps ------------------------------------------------------------------------------------------------------ */

/* Add a step of the current frame to the columns. */
static int
add_step(Pass *pass, uint8_t op, int64_t line)
{
    Known *frame = &pass->frames[pass->current];
    Buffer *columns = pass->columns;
    if (put32(&columns[LINE], line) < 0 || put32(&columns[EVENT], EVENT_NUMBERS[op]) < 0
        || put32(&columns[FRAME], pass->current) < 0 || put32(&columns[DEPTH], frame->depth) < 0) {
        return -1;
    }
    frame->last_line = line;
    pass->n_steps++;
    return 0;
}

static int
take_line(Pass *pass, int64_t distance)
{
    Known *frame = current(pass);
    if (frame == NULL || check(&pass->reader) < 0) {
        return -1;
    }
    if (distance < -INT32_MAX || distance > INT32_MAX || frame->last_line + distance < -INT32_MAX
        || frame->last_line + distance > INT32_MAX) {
        return damaged(&pass->reader, "a line", distance);
    }
    return add_step(pass, OP_LINE, frame->last_line + distance);
}

static int
take_start_or_resume(Pass *pass, uint8_t op)
{
    Known *frame = current(pass);
    if (frame == NULL || skip_cause(pass) < 0) {
        return -1;
    }
    return add_step(pass, op, op == OP_START ? frame->first_line : frame->last_line);
}

static int
take_step_with_value(Pass *pass, uint8_t op)
{
    Known *frame = current(pass);
    if (frame == NULL || skip_value(pass) < 0) {
        return -1;
    }
    return add_step(pass, op, frame->last_line);
}

/* --- frames ----------------------------------------------------------------------------------------------------- */

/* Add a frame that begins at the next step. */
static int
add_frame(Pass *pass, Known known, int64_t code, int64_t parent, int64_t globals, int64_t thread)
{
    if (pass->n_frames == pass->frame_cap) {
        Py_ssize_t cap = pass->frame_cap == 0 ? 64 : 2 * pass->frame_cap;
        Known *frames = PyMem_Realloc(pass->frames, (size_t)cap * sizeof *frames);
        if (frames == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        pass->frames = frames;
        pass->frame_cap = cap;
    }
    const int64_t numbers[] = {code, parent, globals, pass->n_steps, -1, thread}; /* from CODE to THREAD */
    for (int i = 0; i < N_COLUMNS - CODE; i++) {
        if (put32(&pass->columns[CODE + i], numbers[i]) < 0) {
            return -1;
        }
    }
    pass->frames[pass->n_frames++] = known;
    return 0;
}

/* Read the number of a code and what is known of its frames; return the number, or -1 with an exception set. */
static Py_ssize_t
get_code(Pass *pass, Known *known)
{
    PyObject *codes = pass->reader.codes;
    Py_ssize_t number = get_below(&pass->reader, PyList_GET_SIZE(codes), "the number of a code");
    if (number < 0) {
        return -1;
    }
    PyObject *code = PyList_GET_ITEM(codes, number);
    if (!PyTuple_Check(code) || PyTuple_GET_SIZE(code) != 4 || !PyTuple_Check(PyTuple_GET_ITEM(code, 3))) {
        return damaged(&pass->reader, "a code of a name, source, first line and names", number);
    }
    known->n_slots = PyTuple_GET_SIZE(PyTuple_GET_ITEM(code, 3));
    known->first_line = known->last_line = PyLong_AsLongLong(PyTuple_GET_ITEM(code, 2));
    return PyErr_Occurred() ? -1 : number;
}

static int
take_new_frame(Pass *pass)
{
    Decoder *reader = &pass->reader;
    Known known = {0};
    Py_ssize_t number = pass->n_frames, code = get_code(pass, &known);
    Py_ssize_t parent = code < 0 ? -1 : get_below(reader, number + 1, "a parent among the frames so far");
    Py_ssize_t globals = parent < 0 ? -1 : get_below(reader, number, "a globals frame among the frames so far");
    int64_t thread = globals < 0 ? -1 : get_narrow(pass, "the number of a thread");
    if (thread < 0) {
        return -1;
    }
    uint8_t kind = get8(&reader->log);
    if (check(reader) < 0) {
        return -1;
    }
    if (kind >= FRAME_KINDS) {
        return damaged(reader, "a kind of frame", kind);
    }
    if (add_frame(pass, known, FRAME_KINDS * (int64_t)code + kind, parent - 1, globals, thread) < 0) {
        return -1;
    }
    pass->current = number;
    return 0;
}

static int
take_new_globals(Pass *pass)
{
    Py_ssize_t place;
    PyObject *name = get_object(&pass->reader, &place);
    if (name == NULL) {
        return -1;
    }
    if (!PyUnicode_Check(name)) {
        return damaged(&pass->reader, "the place of a str", place);
    }
    return add_frame(pass, (Known){0}, -1 - (int64_t)place, -1, pass->n_frames, 0);
}

static int
take_end_frame(Pass *pass)
{
    Py_ssize_t number = get_below(&pass->reader, pass->n_frames, "the number of a frame");
    int64_t after = number < 0 ? -1 : get_narrow(pass, "the number of a step");
    if (after < 0) {
        return -1;
    }
    int32_t end = (int32_t)after - 1;
    memcpy(pass->columns[END].bytes + (size_t)number * sizeof end, &end, sizeof end);
    return 0;
}

static int
take_frame(Pass *pass)
{
    Py_ssize_t number = get_below(&pass->reader, pass->n_frames, "the number of a frame");
    pass->current = number < 0 ? pass->current : number;
    return number < 0 ? -1 : 0;
}

static int
take_depth(Pass *pass)
{
    int64_t depth = get_narrow(pass, "a number");
    Known *frame = depth < 0 ? NULL : current(pass);
    if (frame == NULL) {
        return -1;
    }
    frame->depth = (int32_t)depth;
    return 0;
}

/* --- records ---------------------------------------------------------------------------------------------------- */

static int
take_record(Pass *pass)
{
    Reader *log = &pass->reader.log;
    uint8_t op = get8(log);
    if (op >= OP_SHORT_LINE) {
        return take_line(pass, (op & 0x7f) - SHORT_LINE_BIAS);
    }
    switch (op) {
    case OP_LINE:
        return take_line(pass, get_sv(log));
    case OP_START:
    case OP_RESUME:
        return take_start_or_resume(pass, op);
    case OP_RETURN:
    case OP_YIELD:
    case OP_RAISE:
    case OP_UNWIND:
        return take_step_with_value(pass, op);
    case OP_FRAME:
        return take_frame(pass);
    case OP_NEWFRAME:
        return take_new_frame(pass);
    case OP_NEWGLOBALS:
        return take_new_globals(pass);
    case OP_ENDFRAME:
        return take_end_frame(pass);
    case OP_DEPTH:
        return take_depth(pass);
    case OP_FINAL:
        return skip_final(pass);
    case OP_CAUSE:
        return skip_cause(pass);
    case OP_DEFAULT:
        return 0;
    case OP_PYDELTA:
        return skip_ready_change(pass);
    case OP_ENTRY:
    case OP_ENTRYO:
        return skip_ledger(pass, op);
    case OP_PYENTRY:
        return skip_ready(pass, PART_ENTRY, "the place of an entry");
    default:
        return skip_change(pass, op);
    }
}

/* Return the columns as a tuple of bytes. */
static PyObject *
told(Pass *pass)
{
    PyObject *columns = PyTuple_New(N_COLUMNS);
    for (int i = 0; columns != NULL && i < N_COLUMNS; i++) {
        const Buffer *column = &pass->columns[i];
        PyObject *bytes = PyBytes_FromStringAndSize((const char *)column->bytes, (Py_ssize_t)column->n);
        if (bytes == NULL) {
            Py_CLEAR(columns);
        }
        else {
            PyTuple_SET_ITEM(columns, i, bytes);
        }
    }
    return columns;
}

PyObject *
columns_of(const Decoder *self, const uint8_t *begin, Py_ssize_t n)
{
    Pass pass = {.reader = *self, .current = -1};
    pass.reader.log_begin = begin;
    pass.reader.log = (Reader){begin, begin + n, 0};
    pass.reader.next = 0;
    int passed = 0;
    while (passed == 0 && pass.reader.log.at < pass.reader.log.end) {
        passed = take_record(&pass);
        pass.reader.next = pass.reader.log.at - begin;
    }
    PyObject *columns = passed < 0 ? NULL : told(&pass);
    for (int i = 0; i < N_COLUMNS; i++) {
        release(&pass.columns[i]);
    }
    PyMem_Free(pass.frames);
    return columns;
}
