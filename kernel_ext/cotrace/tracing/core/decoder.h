/* What the parts of the decoder share: its state, and how it reads numbers, values and objects from the log.

   decoder.c has the records and the type, frames.c what becomes of frames, values.c the reading; columns.c reads only
   the numbers. All functions that
   return an object return a new reference, or NULL with an exception set; those that return a number return -1 then. */

#ifndef COTRACE_DECODER_H
#define COTRACE_DECODER_H

#include <Python.h>
#include <stdbool.h>

#include "log.h"
#include "parts.h"

/* What is known of a frame while the log goes on. */
typedef struct {
    PyObject *number, *depth;   /* as ints */
    PyObject *last_step;        /* the number of its last START or LINE as an int; -1 before */
    PyObject *names;            /* of its variables, by slot; NULL for a globals frame */
    int64_t source, first_line, last_line;
} FrameState;

/* A change that waits for its step. */
typedef struct {
    PyObject *delta;
    PyObject **cause;           /* where its cause goes; NULL if it has one */
} Pending;

/* What `atom` or `long_atom` made of an object, by the object's place in the list. */
typedef struct {
    PyObject **at;
    Py_ssize_t n;
} AtomsMade;

typedef struct {
    PyObject_HEAD
    PyObject *objects, *codes, *types, *atom, *long_atom, *error;
    PyObject *steps, *frames, *entries, *final, *result;
    PyObject *kinds[FRAME_KINDS], *cuts[3];
    Parts parts;
    AtomsMade atoms, long_atoms;
    FrameState *states;         /* of every frame */
    Py_ssize_t n_frames, n_steps, frame_cap;
    Py_ssize_t current;         /* the frame that runs; -1 before the first */
    Py_ssize_t holder;          /* the frame whose variable a change is of, while that is read */
    Pending *pending;
    Py_ssize_t n_pending, pending_cap;
    PyObject *cause;            /* of the changes that follow; NULL: the step's own */
    Reader log;
    const uint8_t *log_begin;
    Py_ssize_t next;            /* where in the log the next record begins */
    bool busy;
} Decoder;

/* --- values.c --------------------------------------------------------------------------------------------------- */

/* Say that the log can't be right: -1, always. */
int damaged(Decoder *self, const char *expected, long long found);

/* To be asked after numbers were read and before they are used: -1 where the log ended before. */
int check(Decoder *self);

/* Read a number that must be less than `limit`. */
Py_ssize_t get_below(Decoder *self, Py_ssize_t limit, const char *what);

/* Read how many parts follow: no more than there are bytes. */
Py_ssize_t get_count(Decoder *self);

/* Read the place of an object in the list and return it, borrowed. */
PyObject *get_object(Decoder *self, Py_ssize_t *place);

PyObject *get_number(Decoder *self);
PyObject *get_str(Decoder *self);
PyObject *get_value(Decoder *self);
PyObject *get_elements(Decoder *self);
PyObject *get_whole_object(Decoder *self);
PyObject *get_whole_objects(Decoder *self);

/* --- columns.c -------------------------------------------------------------------------------------------------- */

/* Return the numbers of the steps and frames of a log, without making its parts: a tuple of bytes, a column each. The
   decoder only lends its lists: it stays where it is. */
PyObject *columns_of(const Decoder *self, const uint8_t *begin, Py_ssize_t n);

/* --- frames.c --------------------------------------------------------------------------------------------------- */

/* The frame that runs; NULL with an exception set before the first. */
FrameState *current_frame(Decoder *self);

/* Take a record of a frame. */
int on_new_frame(Decoder *self);
int on_new_globals(Decoder *self);
int on_end_frame(Decoder *self);
int on_frame(Decoder *self);
int on_depth(Decoder *self);

/* Drop what is known of all frames. */
void clear_frames(Decoder *self);

#endif
