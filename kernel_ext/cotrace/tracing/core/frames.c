/* What becomes of the records of frames: see decoder.h. */

#include "decoder.h"


FrameState *
current_frame(Decoder *self)
{
    if (self->current < 0) {
        damaged(self, "a frame before what happens in it", self->current);
        return NULL;
    }
    return &self->states[self->current];
}

static int
make_room_for_frame(Decoder *self)
{
    Py_ssize_t cap = self->frame_cap;
    if (self->n_frames < cap) {
        return 0;
    }
    cap = cap == 0 ? 64 : 2 * cap;
    FrameState *states = PyMem_Realloc(self->states, (size_t)cap * sizeof *states);
    if (states == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->states = states;
    self->frame_cap = cap;
    return 0;
}

/* Add a frame that begins at the next step, all but its name and place in the source given by numbers. Takes no
   reference. */
static int
add_frame(Decoder *self, int kind, PyObject *name, FrameState state, int64_t parent, int64_t globals, int64_t thread)
{
    Parts *parts = &self->parts;
    Py_ssize_t number = self->n_frames;
    PyObject *fields[MOST_FIELDS] = {
        number_of(parts, number), Py_NewRef(self->kinds[kind]), Py_NewRef(name), number_of(parts, state.source),
        number_of(parts, state.first_line), number_of(parts, parent), number_of(parts, globals),
        number_of(parts, self->n_steps), Py_NewRef(parts->no_length), number_of(parts, thread),
    };
    for (int i = 0; i < MOST_FIELDS; i++) {
        if (fields[i] == NULL) {
            drop_fields(fields, MOST_FIELDS);
            return -1;
        }
    }
    state.number = Py_NewRef(fields[0]);
    state.depth = number_of(parts, 0);
    state.last_step = Py_NewRef(parts->no_length);
    PyObject *frame = make_part(parts, PART_FRAME, fields);
    if (frame == NULL || state.depth == NULL || make_room_for_frame(self) < 0 || PyList_Append(self->frames, frame) < 0) {
        Py_XDECREF(frame);
        Py_DECREF(state.number);
        Py_XDECREF(state.depth);
        Py_DECREF(state.last_step);
        return -1;
    }
    Py_DECREF(frame);
    Py_XINCREF(state.names);
    self->states[self->n_frames++] = state;
    return 0;
}

/* Read the number of a code and return its (qualified name, source, first line, names of variables), borrowed. */
static PyObject *
get_code(Decoder *self)
{
    Py_ssize_t number = get_below(self, PyList_GET_SIZE(self->codes), "the number of a code");
    if (number < 0) {
        return NULL;
    }
    PyObject *code = PyList_GET_ITEM(self->codes, number);
    if (!PyTuple_Check(code) || PyTuple_GET_SIZE(code) != 4 || !PyTuple_Check(PyTuple_GET_ITEM(code, 3))) {
        damaged(self, "a code of a name, source, first line and names", number);
        return NULL;
    }
    return code;
}

int
on_new_frame(Decoder *self)
{
    Py_ssize_t number = self->n_frames;
    PyObject *code = get_code(self);
    if (code == NULL) {
        return -1;
    }
    Py_ssize_t parent = get_below(self, number + 1, "a parent among the frames so far");
    Py_ssize_t globals = parent < 0 ? -1 : get_below(self, number, "a globals frame among the frames so far");
    Py_ssize_t thread = globals < 0 ? -1 : get_below(self, PY_SSIZE_T_MAX, "the number of a thread");
    uint8_t kind = get8(&self->log);
    if (thread < 0 || check(self) < 0) {
        return -1;
    }
    if (kind >= FRAME_KINDS) {
        return damaged(self, "a kind of frame", kind);
    }
    FrameState state = {.source = PyLong_AsLongLong(PyTuple_GET_ITEM(code, 1))};
    state.first_line = state.last_line = PyErr_Occurred() ? -1 : PyLong_AsLongLong(PyTuple_GET_ITEM(code, 2));
    state.names = PyTuple_GET_ITEM(code, 3);
    if (PyErr_Occurred() || add_frame(self, kind, PyTuple_GET_ITEM(code, 0), state, parent - 1, globals, thread) < 0) {
        return -1;
    }
    self->current = number;
    return 0;
}

int
on_new_globals(Decoder *self)
{
    PyObject *name = get_str(self);
    if (name == NULL) {
        return -1;
    }
    FrameState state = {.source = -1};
    int added = add_frame(self, FRAME_GLOBALS, name, state, -1, self->n_frames, 0);
    Py_DECREF(name);
    return added;
}

/* Frames never change: the ended one stands in the list in place of the one that was there. */
int
on_end_frame(Decoder *self)
{
    Py_ssize_t number = get_below(self, self->n_frames, "the number of a frame");
    Py_ssize_t after = number < 0 ? -1 : get_below(self, PY_SSIZE_T_MAX, "the number of a step");
    if (after < 0) {
        return -1;
    }
    const Shape *shape = &self->parts.shapes[PART_FRAME];
    PyObject *frame = PyList_GetItem(self->frames, number);
    if (frame == NULL || !Py_IS_TYPE(frame, shape->type)) {
        return damaged(self, "a list of frames that nobody else changed", number);
    }
    enum { END = 8 };
    PyObject *fields[MOST_FIELDS];
    for (int i = 0; i < MOST_FIELDS; i++) {
        fields[i] = i == END ? number_of(&self->parts, after - 1)
                             : Py_NewRef(*(PyObject **)((char *)frame + shape->offset[i]));
    }
    if (fields[END] == NULL) {
        drop_fields(fields, MOST_FIELDS);
        return -1;
    }
    PyObject *ended = make_part(&self->parts, PART_FRAME, fields);
    return ended == NULL ? -1 : PyList_SetItem(self->frames, number, ended);
}

int
on_frame(Decoder *self)
{
    Py_ssize_t number = get_below(self, self->n_frames, "the number of a frame");
    if (number < 0) {
        return -1;
    }
    self->current = number;
    return 0;
}

int
on_depth(Decoder *self)
{
    PyObject *depth = get_number(self);
    FrameState *frame = depth == NULL ? NULL : current_frame(self);
    if (frame == NULL) {
        Py_XDECREF(depth);
        return -1;
    }
    Py_SETREF(frame->depth, depth);
    return 0;
}

void
clear_frames(Decoder *self)
{
    while (self->n_frames > 0) {
        FrameState *frame = &self->states[--self->n_frames];
        Py_CLEAR(frame->number);
        Py_CLEAR(frame->depth);
        Py_CLEAR(frame->last_step);
        Py_CLEAR(frame->names);
    }
    PyMem_Free(self->states);
    self->states = NULL;
    self->frame_cap = 0;
}
