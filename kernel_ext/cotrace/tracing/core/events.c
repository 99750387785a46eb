/* The events of `sys.monitoring`, and the type `Core` that takes them and writes the log.

   The rules are the reference engine's, event for event. Nothing here runs user code, and what is written in Python
   (`core->host`, the engine) is asked only for what is rare: an object of an unusual type, a code object at its first
   time, the end. An error of that code is kept until the event is over and then handed to the engine, which tells
   whether it was the program's (a signal handler's) and is to be raised there. */

#include "recorder.h"

#include "module.h"

#include <structmember.h>
#include <time.h>

enum { STEP_BYTES = 250 };

static Core *cores; /* those that record */
static int watcher = -1;

/* --- watched dicts --------------------------------------------------------------------------------------------------- */

static int on_dict(PyDict_WatchEvent event, PyObject *dict, PyObject *key, PyObject *value) {
    (void)value;
    if (cores == NULL) return 0;
    PyObject *pending = PyErr_GetRaisedException();
    for (Core *core = cores; core != NULL; core = core->next) {
        for (Namespace *names = map_get(&core->dict_owners, dict); names != NULL; names = names->also) {
            if (namespace_changed(core, names, event, key) < 0) keep_error(core);
        }
        if (dict == core->builtins && key != NULL && PyUnicode_CheckExact(key) && PySet_Contains(core->pure, key) == 1) core->shadowed = true;
        Node *node = map_get(&core->by_address, dict);
        if (node != NULL && node->watched && dict_changed(core, node, event, key) < 0) keep_error(core);
    }
    PyErr_SetRaisedException(pending);
    return 0;
}

static int watch_always(PyObject *dict) {
    if (watcher < 0 && (watcher = PyDict_AddWatcher(on_dict)) < 0) return -1;
    return PyDict_Watch(watcher, dict);
}

int watch(Core *core, PyObject *dict, void *owner) {
    Node *node = map_get(&core->by_address, dict);
    if (node == owner) node->watched = true;
    return watch_always(dict);
}

/* Watch a dict no more, unless somebody else does: one watcher serves all. */
void unwatch(Core *core, PyObject *dict) {
    for (Core *other = cores; other != NULL; other = other->next) {
        if (other != core && (map_get(&other->dict_owners, dict) != NULL || map_get(&other->by_address, dict) != NULL)) return;
    }
    Node *node = map_get(&core->by_address, dict);
    if (map_get(&core->dict_owners, dict) != NULL || (node != NULL && node->watched && node->object != dict)) return;
    if (watcher >= 0 && PyDict_Unwatch(watcher, dict) < 0) PyErr_Clear();
}

/* --- one event at a time ------------------------------------------------------------------------------------------------ */

/* Begin an event. Python code that we call may let other threads run: their events wait until ours is over. Its own
   events, where it has any, are nobody's. */
static bool enter(Core *core) {
    while (core->busy) {
        if (core->busy_state == PyThreadState_Get()) return false;
        Py_BEGIN_ALLOW_THREADS
        struct timespec moment = {0, 50000};
        nanosleep(&moment, NULL);
        Py_END_ALLOW_THREADS
    }
    if (!core->on) return false;
    core->busy = true;
    core->busy_state = PyThreadState_Get();
    return true;
}

/* Not so in the thread that asked for a stop, say. */
static bool runs_traced_code(Core *core) {
    const Thread *thread = thread_now(core);
    return thread != NULL && thread->n > 0;
}

/* End an event. Returns -1 with an exception set where one is to be raised in the program. */
static int leave(Core *core, int done) {
    if (done < 0 && PyErr_Occurred()) keep_error(core);
    if (done < 0) {
        core->log.n = core->whole; /* the records of a broken event are not whole */
        core->broken = true;
    }
    core->whole = core->log.n;
    if (core->is_live && core->on) {
        PyObject *flushed = PyObject_CallMethod(core->host, "flush", NULL);
        if (flushed == NULL) keep_error(core);
        Py_XDECREF(flushed);
    }
    core->busy = false;
    if (core->n_trash > 0) empty_trash(core);
    if (core->error != NULL) {
        PyObject *error = core->error;
        core->error = NULL;
        PyObject *handled = PyObject_CallMethod(core->host, "failed", "O", error);
        Py_DECREF(error);
        if (handled == NULL) return -1;
        Py_DECREF(handled);
    }
    if (core->stop_wanted && core->on && runs_traced_code(core)) {
        core->stop_wanted = 0;
        PyObject *raised = PyObject_CallMethod(core->host, "stop_program", NULL);
        if (raised == NULL) return -1;
        Py_DECREF(raised);
    }
    return 0;
}

static PyObject *result_of(int done) {
    if (done < 0) return NULL;
    Py_RETURN_NONE;
}

/* --- steps --------------------------------------------------------------------------------------------------------------- */

static int make_current(Core *core, const Record *record) {
    if (core->current_frame == record->number) return 0;
    core->current_frame = record->number;
    return put8(&core->log, OP_FRAME) < 0 ? -1 : put_uv(&core->log, record->number);
}

static int is_full(Core *core) {
    if (core->steps < core->most_steps && core->bytes < core->most_bytes) return 0;
    PyObject *ended = PyObject_CallMethod(core->host, "end_full", NULL);
    Py_XDECREF(ended);
    return ended == NULL ? -1 : 1;
}

/* Tell whether a line can have bound no variable but its own frame's: most lines. */
static bool is_quiet(const Core *core, const Record *ran, int flags) {
    if (flags & LINE_CELLS || (flags & (LINE_OPAQUE | LINE_LOOKS_UP) && core->n_shared > 0)) return false;
    if (core->ran_elsewhere || core->names_changed || core->body_changed) return false;
    if (core->shadowed || core->runs_unseen || core->writes_locals) return false;
    if (core->n_threads > 1 || core->n_suspended > 0 || core->value_node != NULL) return false;
    const PyThreadState *state = core->busy_state;
    if (state->c_tracefunc != NULL || state->c_profilefunc != NULL) return false;
    return ran->body == NULL && !ran->read_all && !ran->starting;
}

static int settle_if_needed(Core *core) {
    return core->n_todo > 0 || core->unheld.n > 0 || core->lent.n > 0 || core->floating.n > 0 || core->gone.n > 0 ? settle(core) : 0;
}

/* Look at the variables of the line, and then at what it stored into, or at all that it may have changed. */
static int look_quickly(Core *core, Record *record, int flags, bool inside) {
    core->stores = (flags & LINE_STORES) != 0;
    core->stored_node = NULL;
    bool is_open = (flags & LINE_OPAQUE && !find_stores(core, record)) || (flags & LINE_LOOKS_UP && core->may_miss);
    if (look_at_own(core, record, inside) < 0 || (is_open && scan_all(core) < 0)) return -1;
    return settle_if_needed(core);
}

/* The same where a line has called a function, which begins. */
static int look_at_call(Core *core, Record *caller, Record *callee, int flags) {
    core->stores = (flags & LINE_STORES) != 0;
    core->stored_node = NULL;
    bool is_open = flags & LINE_OPAQUE || (flags & LINE_LOOKS_UP && core->may_miss);
    if (look_at_own(core, caller, true) < 0 || look_at_own(core, callee, true) < 0) return -1;
    return is_open && scan_all(core) < 0 ? -1 : settle_if_needed(core);
}

/* Look at what may have changed, with `value` in view as well; what it is comes back in `part` (may be NULL: none). */
static int look(Core *core, Record *ran, Record *caller, int flags, bool begins, bool inside, bool all, PyObject *value, Part *part) {
    Node *before = core->value_node;
    core->value_node = NULL;
    core->stores = (flags & LINE_STORES) != 0;
    /* While a trace or profile function of the program's runs there is no event. */
    const PyThreadState *state = core->busy_state;
    bool traced = state != NULL && (state->c_tracefunc != NULL || state->c_profilefunc != NULL);
    /* (Functions show the variables that they share.) */
    bool opaque = all || traced || core->ran_elsewhere || core->shadowed || core->runs_unseen || (flags & LINE_CELLS) || (flags & LINE_LOOKS_UP && core->may_miss);
    all = all || core->n_threads > 1 || core->writes_locals;
    core->stored_node = NULL;
    if (!opaque && !all && (flags & LINE_OPAQUE)) opaque = caller != NULL || begins || ran == NULL || !find_stores(core, ran);
    if (close_dead(core) < 0) return -1;
    if (look_at_variables(core, ran, caller, inside, all, opaque || (flags & LINE_CELLS)) < 0) return -1;
    if (value != NULL) {
        if (part_of(core, value, part) < 0) return -1;
        core->value_node = part->node;
        if (part->node != NULL && root_add(core, part->node) < 0) return -1;
    }
    if (before != NULL && root_drop(core, before) < 0) return -1;
    if (opaque || all) {
        core->ran_elsewhere = false;
        if (scan_all(core) < 0) return -1;
    }
    return settle_if_needed(core);
}

/* Begin a step. Returns 1 where recording is over. */
static inline int begin_step(Core *core, const Record *record, int64_t cause) {
    int full = is_full(core);
    if (full != 0) return full;
    core->cause = core->told_cause = cause;
    return make_current(core, record);
}

static inline int tell_depth(Core *core, Record *record, const Thread *thread) {
    int depth = (int)thread->n - 1;
    if (depth == record->depth_told) return 0;
    record->depth_told = depth;
    return put8(&core->log, OP_DEPTH) < 0 ? -1 : put_uv(&core->log, (uint64_t)depth);
}

static inline void end_step(Core *core) {
    core->steps++;
    core->bytes += STEP_BYTES;
    core->whole = core->log.n;
}

/* Add a step that is no line. Returns 1 where recording is over. */
static int step(Core *core, int op, Record *record, Thread *thread, int64_t cause, PyObject *value) {
    int done = begin_step(core, record, cause);
    if (done != 0) return done;
    bool begins = op == OP_START || op == OP_RESUME;
    Record *caller = begins && thread->n > 1 ? thread->stack[thread->n - 2] : NULL;
    const Record *runner = caller != NULL ? caller : record;
    int flags = flags_of(runner, runner->line);
    if (begins && caller == NULL) flags |= LINE_OPAQUE;
    Part part = {NULL, NULL};
    if ((value == NULL || is_plain(value)) && is_quiet(core, runner, flags) && op != OP_RESUME) {
        part.raw = Py_XNewRef(value);
        done = caller != NULL ? look_at_call(core, caller, record, flags) : look_quickly(core, record, flags, true);
    } else {
        done = look(core, record, caller, flags, begins, true, false, value, &part);
    }
    if (done < 0 || tell_depth(core, record, thread) < 0) return -1;
    done = put8(&core->log, (uint8_t)op);
    if (begins && done == 0) done = put_uv(&core->log, (uint64_t)(cause + 1));
    if (done < 0) return -1;
    if (value != NULL) {
        done = log_part(core, &core->log, &part, NULL);
        if (part.node == NULL) part_free(core, &part);
    }
    end_step(core);
    return done;
}

static int put_line(Core *core, const Record *record, int line) {
    int distance = line - record->line;
    if (distance >= -SHORT_LINE_BIAS && distance < SHORT_LINE_BIAS) {
        return put8(&core->log, (uint8_t)(OP_SHORT_LINE | (distance + SHORT_LINE_BIAS)));
    }
    return put8(&core->log, OP_LINE) < 0 ? -1 : put_sv(&core->log, distance);
}

/* What happens most: a step that is a line. */
static int add_line(Core *core, Record *record, const Thread *thread, int line) {
    int done = begin_step(core, record, record->last_step);
    if (done != 0) return done;
    int flags = flags_of(record, record->line);
    if (is_quiet(core, record, flags)) {
        done = look_quickly(core, record, flags, false);
    } else {
        done = look(core, record, NULL, flags, false, false, false, NULL, NULL);
    }
    if (done < 0 || tell_depth(core, record, thread) < 0 || put_line(core, record, line) < 0) return -1;
    end_step(core);
    return 0;
}

/* Put `record` on top of the thread's frames: those above it ended without an event. */
static Thread *come_back(Core *core, Thread *thread, Record *record) {
    size_t place = thread->n;
    while (place > 0 && thread->stack[place - 1] != record) place--;
    if (place == 0) return thread_push(thread, record) < 0 ? NULL : thread;
    while (thread->n > place) {
        if (record_remove(core, thread->stack[--thread->n], core->steps - 1) < 0) return NULL;
    }
    return thread;
}

static inline Thread *running(Core *core, Record *record) {
    Thread *thread = thread_now(core);
    if (thread == NULL || (thread->n > 0 && thread->stack[thread->n - 1] == record)) return thread;
    return come_back(core, thread, record);
}

static int64_t cause_of_caller(const Thread *thread) {
    return thread->n > 1 ? thread->stack[thread->n - 2]->last_step : -1;
}

static int put_on_top(Thread *thread, Record *record) {
    return thread->n > 0 && thread->stack[thread->n - 1] == record ? 0 : thread_push(thread, record);
}

/* The dict of a function's further keyword arguments is made for each call; that of a generator is older than its START. */
static int meet_keywords(Core *core, PyFrameObject *frame, PyCodeObject *code) {
    enum { RESUMED = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR };
    if (!(code->co_flags & CO_VARKEYWORDS) || (code->co_flags & RESUMED)) return 0;
    PyObject *names = PyCode_GetVarnames(code);
    if (names == NULL) return -1;
    Py_ssize_t place = code->co_argcount + code->co_kwonlyargcount + ((code->co_flags & CO_VARARGS) != 0);
    PyObject *held = place < PyTuple_GET_SIZE(names) ? PyFrame_GetVar(frame, PyTuple_GET_ITEM(names, place)) : NULL;
    Py_DECREF(names);
    if (held == NULL) {
        PyErr_Clear(); /* it was deleted before we came */
        return 0;
    }
    meet_new(core, held);
    trash(core, held);
    return 0;
}

static int start_frame(Core *core, PyFrameObject *frame, Code *code, bool resumes) {
    Record *record = record_of(core, frame);
    if (record == NULL) record = record_add(core, frame, code, code->kind);
    Thread *thread = thread_now(core);
    if (record == NULL || thread == NULL) return -1;
    if (record->last_step >= 0) return 0;
    if (put_on_top(thread, record) < 0 || meet_keywords(core, frame, (PyCodeObject *)code->code) < 0) return -1;
    record->starting = !resumes;
    record->read_all = resumes; /* it began before, unseen */
    int64_t index = core->steps;
    int done = step(core, OP_START, record, thread, cause_of_caller(thread), NULL);
    if (done == 0) record->last_step = index;
    return done;
}

/* Generators between a frame and the top of the stack run again, without an event, when they delegate to it. */
static int put_callers_back(Core *core, PyFrameObject *frame, Thread *thread) {
    PyFrameObject *caller = PyFrame_GetBack(frame);
    Record *record = NULL;
    while (caller != NULL) {
        record = map_get(&core->records, caller);
        PyFrameObject *next = record == NULL ? PyFrame_GetBack(caller) : NULL;
        Py_DECREF(caller);
        caller = next;
    }
    if (record == NULL) return 0;
    for (size_t i = thread->n; i-- > 0;) {
        if (thread->stack[i] == record) return 0;
    }
    if (put_callers_back(core, record->frame, thread) < 0) return -1;
    if (record->suspended) core->n_suspended--;
    record->suspended = false;
    return thread_push(thread, record);
}

static int resume_frame(Core *core, PyFrameObject *frame, Code *code) {
    Record *record = record_of(core, frame);
    if (record == NULL) return start_frame(core, frame, code, true);
    Thread *thread = thread_now(core);
    if (thread == NULL) return -1;
    if (record->suspended) core->n_suspended--;
    record->suspended = false;
    record->thread = thread->number;
    if (put_callers_back(core, frame, thread) < 0 || put_on_top(thread, record) < 0) return -1;
    return step(core, OP_RESUME, record, thread, cause_of_caller(thread), NULL);
}

static int line_step(Core *core, Record *record, int line) {
    Thread *thread = running(core, record);
    if (thread == NULL) return -1;
    int64_t index = core->steps;
    record->jumped = false;
    record->has_line = true;
    int done = add_line(core, record, thread, line);
    if (done != 0) return done;
    record->line = line;
    record->last_step = index;
    if (record->in_flight == NULL) return 0;
    if (!record->handling) {
        record->handling = true;
        return 0;
    }
    return flight_clear(core, record);
}

static int raise_step(Core *core, Record *record, PyObject *error) {
    Thread *thread = running(core, record);
    if (thread == NULL) return -1;
    record->handling = false;
    if (flight_clear(core, record) < 0) return -1;
    /* In view from this step on, numbered as what the step raises. */
    int done = step(core, OP_RAISE, record, thread, record->last_step, error);
    return done != 0 ? done : flight_set(core, record, error);
}

static int leave_frame(Core *core, Record *record, int op, PyObject *value) {
    Thread *thread = running(core, record);
    if (thread == NULL) return -1;
    if (op == OP_UNWIND && (value == NULL || value == Py_None)) value = record->in_flight ? record->in_flight : Py_None;
    int64_t index = core->steps;
    int done = step(core, op, record, thread, record->last_step, value);
    if (done != 0) return done;
    thread->n--;
    if (op == OP_YIELD) {
        record->suspended = true;
        core->n_suspended++;
        return 0;
    }
    PyObject *globals = op == OP_RETURN && record->code->is_module ? Py_NewRef(record->namespace->dict) : NULL;
    if (record_remove(core, record, index) < 0) done = -1;
    if (globals != NULL && done == 0) {
        PyObject *told = PyObject_CallMethod(core->host, "module_ended", "O", globals);
        if (told == NULL) done = -1;
        Py_XDECREF(told);
    }
    Py_XDECREF(globals);
    return done;
}

/* --- callbacks ------------------------------------------------------------------------------------------------------------- */

static bool wants(Core *core, const Code *code) {
    if (!code->in_scope) return false;
    if (!core->function_only || code->is_root) return true;
    const Thread *thread = thread_now(core);
    return thread != NULL && thread->n > 0;
}

static PyObject *begin(Core *core, PyObject *const *args, bool resumes) {
    if (!core->on) Py_RETURN_NONE;
    Code *code = map_get(&core->code_map, args[0]);
    if (code != NULL && !code->in_scope) {
        if (!core->busy) core->ran_elsewhere = true;
        Py_RETURN_NONE;
    }
    if (!enter(core)) Py_RETURN_NONE;
    PyFrameObject *frame = PyEval_GetFrame();
    int done = 0;
    if (code == NULL) code = code_meet(core, args[0], frame);
    if (code == NULL) {
        done = -1;
    } else if (!wants(core, code)) {
        core->ran_elsewhere = true;
    } else {
        done = resumes ? resume_frame(core, frame, code) : start_frame(core, frame, code, false);
    }
    return result_of(leave(core, done));
}

static PyObject *on_start(Core *core, PyObject *const *args, Py_ssize_t n) {
    (void)n;
    return begin(core, args, false);
}

static PyObject *on_resume(Core *core, PyObject *const *args, Py_ssize_t n) {
    (void)n;
    return begin(core, args, true);
}

/* The record of the frame that an event came from; NULL where it is not in view. */
static Record *record_here(Core *core, PyObject *code) {
    if (!core->on) return NULL;
    PyFrameObject *frame = PyEval_GetFrame();
    if (core->current != NULL && core->current->frame == frame) return core->current;
    Code *known = map_get(&core->code_map, code);
    return known == NULL || !known->in_scope ? NULL : record_of(core, frame);
}

/* Where an exception comes up at a place whose handlers are not found, the engine has it raised a little later. */
static PyObject *raised_here(Core *core, bool is_jump) {
    PyObject *error = PyErr_GetRaisedException();
    PyObject *postponed = PyObject_CallMethod(core->host, "postpone", "OOi", PyEval_GetFrame(), error, (int)is_jump);
    if (postponed == NULL || postponed != Py_True) {
        Py_XDECREF(postponed);
        PyErr_Clear();
        PyErr_SetRaisedException(error);
        return NULL;
    }
    Py_DECREF(postponed);
    Py_DECREF(error);
    Py_RETURN_NONE;
}

static PyObject *on_line(Core *core, PyObject *const *args, Py_ssize_t n) {
    (void)n;
    Record *record = record_here(core, args[0]);
    if (record == NULL) Py_RETURN_NONE;
    int line = (int)PyLong_AsLong(args[1]);
    if (record->has_line && line == record->line && !record->jumped) Py_RETURN_NONE;
    if (!enter(core)) Py_RETURN_NONE;
    if (leave(core, line_step(core, record, line)) < 0) return raised_here(core, false);
    Py_RETURN_NONE;
}

static PyObject *on_jump(Core *core, PyObject *const *args, Py_ssize_t n) {
    (void)n;
    Record *record = record_here(core, args[0]);
    if (record == NULL) Py_RETURN_NONE;
    Py_ssize_t source = PyLong_AsSsize_t(args[1]), destination = PyLong_AsSsize_t(args[2]);
    if (destination > source) Py_RETURN_NONE;
    int line = line_at(record->code, destination);
    if (line < 0) Py_RETURN_NONE;
    record->jumped = true;
    if (line_at(record->code, source) != line || record->line != line) Py_RETURN_NONE;
    if (!enter(core)) Py_RETURN_NONE;
    if (leave(core, line_step(core, record, line)) < 0) return raised_here(core, true);
    Py_RETURN_NONE;
}

static PyObject *ends(Core *core, PyObject *const *args, int op) {
    Record *record = record_here(core, args[0]);
    if (record == NULL || !enter(core)) Py_RETURN_NONE;
    return result_of(leave(core, leave_frame(core, record, op, args[2])));
}

static PyObject *on_return(Core *core, PyObject *const *args, Py_ssize_t n) {
    (void)n;
    return ends(core, args, OP_RETURN);
}

static PyObject *on_yield(Core *core, PyObject *const *args, Py_ssize_t n) {
    (void)n;
    return ends(core, args, OP_YIELD);
}

static PyObject *on_raise(Core *core, PyObject *const *args, Py_ssize_t n) {
    (void)n;
    Record *record = record_here(core, args[0]);
    if (!core->on) Py_RETURN_NONE;
    if (PyObject_TypeCheck(args[2], (PyTypeObject *)core->stop_type)) { /* the watchdog's, a signal's */
        Code *code = map_get(&core->code_map, args[0]);
        if (code == NULL || !code->in_scope || !enter(core)) Py_RETURN_NONE;
        PyObject *taken = PyObject_CallMethod(core->host, "take_stop", NULL);
        Py_XDECREF(taken);
        core->stop_wanted = 0;
        return result_of(leave(core, taken == NULL ? -1 : 0));
    }
    if (record == NULL || !enter(core)) Py_RETURN_NONE;
    return result_of(leave(core, raise_step(core, record, args[2])));
}

static PyObject *on_unwind(Core *core, PyObject *const *args, Py_ssize_t n) {
    (void)n;
    return ends(core, args, OP_UNWIND);
}

/* --- what the engine asks ----------------------------------------------------------------------------------------------------- */

static PyObject *core_start(Core *core, PyObject *ignored) {
    (void)ignored;
    if (watch_always(core->builtins) < 0) return NULL;
    core->on = true;
    core->next = cores;
    cores = core;
    Py_INCREF(core);
    Py_RETURN_NONE;
}

static void take_out(Core *core) {
    for (Core **place = &cores; *place != NULL; place = &(*place)->next) {
        if (*place != core) continue;
        *place = core->next;
        core->next = NULL;
        Py_DECREF(core);
        return;
    }
}

/* A frame that is already running: its next lines are steps, but it has no START. */
static PyObject *core_add_block(Core *core, PyObject *frame) {
    PyObject *object = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame);
    Code *code = code_meet(core, object, (PyFrameObject *)frame);
    Py_DECREF(object);
    if (code == NULL) return NULL;
    Record *record = code->in_scope ? record_add(core, (PyFrameObject *)frame, code, FRAME_BLOCK) : NULL;
    if (record == NULL) return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    record->read_all = true;
    Thread *thread = thread_now(core);
    if (thread == NULL || thread_push(thread, record) < 0) return NULL;
    Py_RETURN_NONE;
}

/* One small int has the byte that says that there is no result. */
static int log_result(Core *core, const Part *part) {
    size_t before = core->log.n;
    if (log_part(core, &core->log, part, NULL) < 0) return -1;
    if (core->log.bytes[before] != NO_RESULT) return 0;
    core->log.bytes[before] = VALUE_INT;
    return put_sv(&core->log, NO_RESULT - SMALL_BIAS);
}

/* Take the last look, with what the run ended with. */
static PyObject *core_finish(Core *core, PyObject *value) {
    Thread *thread = thread_now(core);
    if (thread == NULL) return NULL;
    core->on = false;
    int64_t last = thread->n > 0 ? thread->stack[thread->n - 1]->last_step : core->steps - 1;
    Part part = {NULL, NULL};
    core->cause = last;
    core->told_cause = -2;
    part.raw = core->broken ? Py_NewRef(Py_None) : NULL;
    int done = core->broken ? 0 : look(core, NULL, NULL, LINE_OPAQUE | LINE_CELLS | LINE_STORES, false, false, true, value, &part);
    if (done < 0) core->log.n = core->whole;
    core->final_at = (long long)core->log.n;
    if (done == 0) done = put8(&core->log, OP_FINAL);
    if (done == 0) done = log_result(core, &part);
    core->whole = core->log.n;
    if (part.node == NULL) part_free(core, &part);
    return result_of(done);
}

static PyObject *core_forget(Core *core, PyObject *ignored) {
    (void)ignored;
    core->on = false;
    core->value_node = NULL;
    if (core->todo == NULL) Py_RETURN_NONE;
    frames_free(core);
    for (int i = 0; i <= core->depth; i++) core->todo[i].n = 0;
    core->n_todo = 0;
    graph_free(core);
    take_out(core);
    Py_RETURN_NONE;
}

/* Return the number of an object that the content of another one names; None for what is shown in place. */
static PyObject *core_child(Core *core, PyObject *value) {
    Type *type = value == core->builtins ? NULL : type_of(core, Py_TYPE(value));
    if (type == NULL && PyErr_Occurred()) return NULL;
    Part part;
    if (part_of(core, value, &part) < 0) return NULL;
    if (part.node == NULL) {
        part_free(core, &part);
        Py_RETURN_NONE;
    }
    if (nodes_push(&core->reads, part.node) < 0) return NULL;
    return PyLong_FromUnsignedLong(part.node->number);
}

/* Return the number that an object is known by; None for one that is not in view. Used to order a set's elements. */
static PyObject *core_number_of(Core *core, PyObject *value) {
    Node *node = map_get(&core->by_address, value);
    if (node == NULL || !(node->held || is_same(core, node, value))) Py_RETURN_NONE;
    return PyLong_FromUnsignedLong(node->number);
}

static PyObject *core_request_stop(Core *core, PyObject *ignored) {
    (void)ignored;
    core->stop_wanted = 1;
    Py_RETURN_NONE;
}

/* The step whose line runs in the thread that asks; -1 where none does. */
static PyObject *core_running_step(Core *core, PyObject *ignored) {
    (void)ignored;
    Thread *thread = thread_now(core);
    if (thread == NULL) return NULL;
    return PyLong_FromLongLong(thread->n > 0 ? thread->stack[thread->n - 1]->last_step : -1);
}

static PyObject *core_log(Core *core, PyObject *args) {
    Py_ssize_t start;
    if (!PyArg_ParseTuple(args, "n", &start)) return NULL;
    size_t end = core->busy ? core->whole : core->log.n; /* in the middle of an event its records are not whole */
    if (start < 0 || (size_t)start >= end) return PyBytes_FromStringAndSize(NULL, 0);
    return PyBytes_FromStringAndSize((const char *)core->log.bytes + start, (Py_ssize_t)end - start);
}

static PyObject *core_expression(Core *core, PyObject *const *args, Py_ssize_t n) {
    if (n != 6) return PyErr_Format(PyExc_TypeError, "expression takes 6 arguments"), NULL;
    /* source, span, value, frame, name or None, disturbs */
    if (!core->on) Py_RETURN_NONE;
    PyObject *frame = args[3];
    Record *record = frame == Py_None ? NULL : map_get(&core->records, frame);
    if (record == NULL || record->last_step < 0 || record->code->source != PyLong_AsLong(args[0]) || !enter(core)) Py_RETURN_NONE;
    int done = observe(core, record, (uint32_t)PyLong_AsUnsignedLong(args[1]), args[2], args[4] == Py_None ? NULL : args[4],
                       (int)PyLong_AsLong(args[5]));
    return result_of(leave(core, done));
}

static inline bool is_short_number(PyObject *value) {
    return is_plain(value) && (!PyLong_CheckExact(value) || PyUnstable_Long_IsCompact((PyLongObject *)value));
}

/* A probe of text number `text` saw a value, in the frame that runs. */
int core_take(Core *core, int text, int span, PyObject *value) {
    if (!core->on || text < 0 || text >= core->n_texts || core->texts[text].source < 0) return 0;
    const Text *known = &core->texts[text];
    PyFrameObject *frame = PyEval_GetFrame();
    Record *record = frame == NULL ? NULL : record_of(core, frame);
    if (record == NULL || record->last_step < 0 || record->code->source != known->source) return 0;
    if (span >= PyBytes_GET_SIZE(known->flags)) return 0;
    int flags = PyBytes_AS_STRING(known->flags)[span], disturbs = flags & (DISTURBS | DISTURBS_IF_MISSING);
    bool is_usual = !core->busy && !core->is_live && core->stop_wanted == 0 && core->error == NULL;
    if (is_usual && !(flags & SPAN_TELLS) && record->number == core->current_frame && is_short_number(value)) {
        record->entry_at = core->steps;
        if (observe_number(core, (uint32_t)span, value, disturbs) < 0) return leave(core, -1);
        core->whole = core->log.n;
        return 0;
    }
    if (!enter(core)) return 0;
    PyObject *name = NULL;
    if (flags & SPAN_TELLS) {
        PyObject *key = PyLong_FromLong(span);
        name = key == NULL ? NULL : PyDict_GetItemWithError(known->names, key);
        Py_XDECREF(key);
    }
    return leave(core, observe(core, record, (uint32_t)span, value, name, flags));
}

/* The text that probes know by a number is a source of this recording. */
static PyObject *core_connect(Core *core, PyObject *args) {
    int text, source;
    PyObject *flags, *names;
    if (!PyArg_ParseTuple(args, "iiO!O!", &text, &source, &PyBytes_Type, &flags, &PyDict_Type, &names)) return NULL;
    if (text >= core->n_texts) {
        Text *texts = realloc(core->texts, sizeof(Text) * (size_t)(text + 16));
        if (texts == NULL) return PyErr_NoMemory();
        core->texts = texts;
        for (; core->n_texts < text + 16; core->n_texts++) texts[core->n_texts] = (Text){-1, NULL, NULL};
    }
    Text *known = &core->texts[text];
    Py_XSETREF(known->flags, Py_NewRef(flags));
    Py_XSETREF(known->names, Py_NewRef(names));
    known->source = source;
    Py_RETURN_NONE;
}

/* --- the type ---------------------------------------------------------------------------------------------------------------- */

static int core_init(Core *core, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"host", "objects", "codes", "types", "builtins", "stop_type", "elements", "edge", "string", "depth",
                            "steps", "most_bytes", "function_only", NULL};
    PyObject *host, *objects, *codes, *types, *builtins, *stop_type;
    Py_ssize_t elements, edge, string;
    int depth, function_only;
    long long steps, bytes;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO!O!O!OOnnniLLp", names, &host, &PyList_Type, &objects, &PyList_Type, &codes,
                                     &PyList_Type, &types, &builtins, &stop_type, &elements, &edge, &string, &depth, &steps, &bytes,
                                     &function_only)) {
        return -1;
    }
    core->host = Py_NewRef(host);
    core->objects = Py_NewRef(objects);
    core->codes = Py_NewRef(codes);
    core->types = Py_NewRef(types);
    core->builtins = Py_NewRef(builtins);
    core->stop_type = Py_NewRef(stop_type);
    core->pure = PyObject_GetAttrString(host, "pure_calls");
    core->lent_types = PyObject_GetAttrString(host, "lent_types");
    core->pattern_type = PyObject_GetAttrString(host, "pattern_type");
    core->passed_over = PyObject_GetAttrString(host, "passed_over");
    core->strings = PyDict_New();
    core->telling = PyDict_New();
    core->most_elements = elements;
    core->edge = edge;
    core->most_string = string;
    core->depth = depth;
    core->most_steps = steps;
    core->most_bytes = bytes;
    core->function_only = function_only;
    core->last_thread = -1;
    core->current_frame = UINT32_MAX;
    core->disturbed_at = -1;
    core->todo = calloc((size_t)depth + 1, sizeof(Nodes));
    if (core->strings == NULL || core->telling == NULL || core->pure == NULL) return -1;
    if (core->lent_types == NULL || core->pattern_type == NULL || core->passed_over == NULL) return -1;
    if (core->todo == NULL) return PyErr_NoMemory(), -1;
    return 0;
}

static int core_traverse(Core *core, visitproc visit, void *arg) {
    Py_VISIT(core->host);
    Py_VISIT(core->objects);
    Py_VISIT(core->error);
    Py_VISIT(Py_TYPE(core));
    return 0;
}

static int core_clear(Core *core) {
    Py_CLEAR(core->host);
    Py_CLEAR(core->objects);
    Py_CLEAR(core->error);
    return 0;
}

static void core_dealloc(Core *core) {
    PyTypeObject *type = Py_TYPE(core);
    PyObject_GC_UnTrack(core);
    Py_XDECREF(core_forget(core, NULL));
    core_clear(core);
    Py_XDECREF(core->codes);
    Py_XDECREF(core->types);
    Py_XDECREF(core->builtins);
    Py_XDECREF(core->pure);
    Py_XDECREF(core->lent_types);
    Py_XDECREF(core->pattern_type);
    Py_XDECREF(core->passed_over);
    Py_XDECREF(core->stop_type);
    Py_XDECREF(core->strings);
    Py_XDECREF(core->telling);
    release(&core->log);
    free(core->reads.items);
    for (int i = 0; i < core->n_texts; i++) {
        Py_XDECREF(core->texts[i].flags);
        Py_XDECREF(core->texts[i].names);
    }
    free(core->texts);
    type->tp_free(core);
    Py_DECREF(type);
}

#define FAST(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, NULL}

static PyMethodDef core_methods[] = {
    FAST(on_start), FAST(on_resume), FAST(on_line), FAST(on_jump), FAST(on_return), FAST(on_yield), FAST(on_raise), FAST(on_unwind),
    {"start", (PyCFunction)core_start, METH_NOARGS, "Record from here on."},
    {"add_block", (PyCFunction)core_add_block, METH_O, "Take in a frame that is already running."},
    {"finish", (PyCFunction)core_finish, METH_O, "Take the last look, with what the run ended with, and record no more."},
    {"forget", (PyCFunction)core_forget, METH_NOARGS, "Let go of every object and frame; the log stays."},
    {"child", (PyCFunction)core_child, METH_O, "Return the number of an object that another one holds; None: an atom."},
    {"number_of", (PyCFunction)core_number_of, METH_O, "Return the number of an object in view, or None."},
    {"request_stop", (PyCFunction)core_request_stop, METH_NOARGS, "Have the host's stop_program called at the next event."},
    {"running_step", (PyCFunction)core_running_step, METH_NOARGS, "Return the step whose line runs in this thread, or -1."},
    {"log", (PyCFunction)core_log, METH_VARARGS, "Return the log from a place on."},
    {"connect", (PyCFunction)core_connect, METH_VARARGS, "Make a text that probes know by number a source of this recording."},
    {"expression", (PyCFunction)(void (*)(void))core_expression, METH_FASTCALL, "Take one value for the expression ledger."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef core_members[] = {
    {"steps", Py_T_LONGLONG, offsetof(Core, steps), Py_READONLY, "How many steps were recorded."},
    {"bytes", Py_T_LONGLONG, offsetof(Core, bytes), Py_READONLY, "An estimate of what the recording takes in memory."},
    {"final_at", Py_T_LONGLONG, offsetof(Core, final_at), Py_READONLY, "Where in the log the result stands."},
    {"n_numbers", Py_T_UINT, offsetof(Core, n_numbers), Py_READONLY, "The last number that was given to an object."},
    {"is_on", Py_T_BOOL, offsetof(Core, on), Py_READONLY, "Whether it records."},
    {"is_live", Py_T_BOOL, offsetof(Core, is_live), 0, "Whether the host's flush is called after each event."},
    {"writes_locals", Py_T_BOOL, offsetof(Core, writes_locals), 0, "Whether some code may bind variables of any frame."},
    {"has_secrets", Py_T_BOOL, offsetof(Core, has_secrets), 0, "Whether any text is known to be secret."},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot core_slots[] = {
    {Py_tp_doc, "Records one run into a log; the host is the engine that it belongs to."},
    {Py_tp_init, core_init},
    {Py_tp_traverse, core_traverse},
    {Py_tp_clear, core_clear},
    {Py_tp_dealloc, core_dealloc},
    {Py_tp_methods, core_methods},
    {Py_tp_members, core_members},
    {0, NULL},
};

static PyType_Spec core_spec = {"cotrace.tracing._core.Core", sizeof(Core), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, core_slots};

int add_core(PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &core_spec, NULL);
    if (type == NULL) return -1;
    int done = PyModule_AddObjectRef(module, "Core", type);
    Py_DECREF(type);
    return done;
}
