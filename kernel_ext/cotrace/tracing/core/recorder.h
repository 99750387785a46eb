/* What the parts of the recorder share: the objects in view (graph.c, contents.c), the frames in view (records.c), the
   events (events.c); what a line stored (stores.c), who shares a dict of attributes (attributes.c), who is held on others'
   account (lent.c). The rules are those of `cotrace.model.trace` and of the reference engine; here each change is found
   where it can have happened instead of everywhere.

   The graph. Every object in view is a `Node`. A node's level is its distance from the variables; it is kept right by
   counting, for each level, from how many places of the level before the object is held (Even and Shiloach's trees of
   distances, kept by counts: a cycle can't hold itself up, since levels only grow along it and end at the limit). A node
   whose content is read is `open`; from the limit on, nodes are closed. */

#ifndef COTRACE_RECORDER_H
#define COTRACE_RECORDER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include "log.h"

/* How the content of a type's objects is read. */
enum reading {
    READ_ATOM,       /* shown in place */
    READ_DESCRIBED,  /* shown in place by a text that Python code finds */
    READ_LIST,
    READ_TUPLE,
    READ_DICT,
    READ_INSTANCE,   /* a dictionary of attributes and nothing else */
    READ_BY_PYTHON,  /* all the rest: `Host.content` */
};

typedef struct {
    PyTypeObject *type;  /* held */
    int reading;
    uint32_t index;      /* in `types` of the log; of those that the log is told of */
    bool fixed;          /* the content never changes */
    bool fleeting;       /* must not be held */
    bool weak;           /* weak references can be had */
    bool may_miss;       /* a look-up may make an entry */
    bool lent;           /* held all the same while everything that it holds is; see lent.c */
    bool may_be_watched; /* an instance or exception: not held where the program has weak references to it */
    PyObject *reader;    /* Python's own description, for `Host` */
} Type;

typedef struct Node Node;

/* What one place of a container or variable holds. */
typedef struct {
    PyObject *raw;  /* held if it is no node; else the node holds it, or nobody does */
    Node *node;     /* NULL: an atom, or nothing */
} Part;

enum { MOST_DIRTY_KEYS = 8 };

struct Node {
    PyObject *object;  /* held if `held` */
    Type *type;
    PyObject *weak;    /* a weak reference, where the object is not held and can have one */
    PyObject *mark;    /* held, or NULL: of an exception that is known by nothing else, the dict of its attributes */
    PyObject *seen;    /* READ_BY_PYTHON: the HeapObject last told */
    Part *keys;        /* of dicts and instances: the keys and names; NULL for sequences */
    Part *parts;       /* elements, or values */
    Py_ssize_t n, cap;
    PyObject **raw;    /* of lists: the `raw` of each part, side by side, to be compared at once */
    Node **children;   /* READ_BY_PYTHON: the objects that the content names */
    Py_ssize_t n_children;
    Py_ssize_t n_first; /* READ_BY_PYTHON: how many of `parts` are keys or elements */
    Py_ssize_t length; /* last told; -1 for none */
    PyObject *attributes; /* not held: the dict of its attributes, where it has one; see attributes.c */
    PyObject *dirty_keys[MOST_DIRTY_KEYS]; /* held; of a dict: keys that were stored since the last look */
    uint8_t n_dirty_keys;
    bool dirty;        /* a dict that was changed since the last look */
    bool anyhow;       /* ... in a way that only a whole look tells */
    bool plain_keys;   /* all keys are exact strings or ints */
    PyObject *places;  /* dict or NULL: of a dict with plain keys, the place of each */
    bool held;
    bool gone;         /* not held, and another object is at its address */
    bool open;         /* `parts` or `children` are what the log was told, and count as supports */
    bool told;         /* the log knows the object */
    bool pending;      /* to be looked at when its level is reached */
    bool watched;      /* its dict, or it, is watched */
    bool leaving, floats; /* it is in `core->gone`; in `core->floating` */
    bool closed;       /* what was told last is that it is too far away to be looked into */
    bool big;          /* over the limit of elements */
    struct Big *big_list; /* of a big list: a copy of it; see big.c */
    uint8_t level;     /* `OUT(core)`: not in view */
    uint32_t number;
    Py_ssize_t at, scan_at, list_at, lent_at; /* places in `core->nodes`, `core->scan`, `core->lists`, `core->lent`; -1 */
    unsigned int version;   /* of a class: its version tag when it was last read */
    PyObject *overlay;      /* what the ledger told of it since the last step, as bytes of the log or a HeapObject ... */
    int64_t overlay_at;     /* ... at this moment */
    uint32_t epoch;         /* the last walk of the ledger that met it */
    uint32_t support[];     /* by level: how many places of that level hold it */
};

typedef struct {
    void **keys, **values;
    size_t n, mask;
} Map;

typedef struct { Node **items; size_t n, cap; } Nodes;

/* What there is to compare of a list in view: kept side by side, for there may be thousands. */
typedef struct {
    PyListObject *list;
    PyObject **raw;   /* what it held; NULL: only its length is known */
    Py_ssize_t n;
    Node *node;
} Listed;

/* A variable of a frame or namespace. */
typedef struct {
    Part part;
    PyObject *told;    /* held: the Atom last told of a value with a telling name */
    Py_ssize_t length; /* of a long string, which is not held: `part.raw` is then a copy of its head */
    uint32_t order;    /* grows with each variable that becomes bound */
    bool bound, is_long;
} Variable;

/* A text whose probes report to this recording. */
typedef struct {
    int source;       /* its index in the recording; -1: none */
    PyObject *flags;  /* bytes: of each span */
    PyObject *names;  /* dict: spans that read something with a telling name -> that name */
} Text;

enum { SPAN_TELLS = 4, SPAN_MAKES = 8, SPAN_MAKES_ALONE = 16 };

enum { LINE_OPAQUE = 1, LINE_CELLS = 2, LINE_STORES = 4, LINE_LOOKS_UP = 8 };

/* A store of a line that does nothing to containers but its stores; see `cotrace.tracing.effects`. */
enum store { STORE_NOTHING, STORE_ELEMENT, STORE_ATTRIBUTE, STORE_VARIABLE, STORE_NAME };

typedef struct {
    int what;        /* enum store; STORE_NOTHING: it is the last of its line */
    int container;   /* the slot of the variable that holds the container, or is stored into */
    int index;       /* the slot of the index; -1: it is the key, if that is not NULL, or not known */
    PyObject *key;   /* held: a constant index, or the name of an attribute or variable; or NULL */
    bool in_place;   /* `target op= value`: what was there before may have been changed */
} Store;

enum { IF_BOUND = 1 << 30 }; /* added to a slot that can only be emptied */

/* What is known of one code object in scope; see `cotrace.tracing.plan`. */
typedef struct {
    PyObject *code;       /* held */
    PyObject *globals;    /* borrowed: the globals it last ran with */
    struct Namespace *namespace;
    PyObject **names;     /* held, of the slots */
    bool *telling, *hidden, *doubled; /* by slot: the name says that it is secret; it is not shown; two have the name */
    bool *shared;         /* by slot: it is one of `cells` */
    int n_slots, n_cells;
    int *cells;           /* the slots that are shared with other frames */
    int *entry;           /* the slots bound when a frame begins */
    int n_entry;
    int first_line, n_lines;
    uint8_t *flags;       /* by line - first_line */
    int **slots;          /* by line: the slots that the line may bind, ending with -1 */
    int32_t *first_bind;  /* by line: before this instruction it has bound none of them */
    int *stored;          /* those of instructions that belong to no known line */
    Store **stores;       /* by line; NULL: it may do more, or nothing */
    PyObject *shadows;    /* tuple of (slot, first, last) or NULL; see `cotrace.tracing.shadowed` */
    uint32_t index;
    int source;           /* the index of its text in the recording */
    uint8_t kind;
    bool is_function, is_module, in_scope, is_root;
    struct Record *spare; /* those to be used again, by `older` */
    PyObject *global_names; /* tuple */
    PyObject *lines;      /* bytes: for each instruction its line as an int32, -1 for none; for jumps */
} Code;

/* A namespace in view: a module's globals, or what a class body or an executed text runs in. */
typedef struct Namespace {
    PyObject *dict;       /* held */
    PyObject *index;      /* dict: name -> place in `variables`; only the names that are shown */
    PyObject *before;     /* set of names that were there when it came into view */
    PyObject *names;      /* list, by place */
    Variable *variables;
    Py_ssize_t n, cap;
    Py_ssize_t n_looked;  /* names from this place on are shown since the last look */
    bool *touched;        /* by place: stored or deleted since the last look */
    bool dirty, anyhow;   /* something changed; `anyhow`: anything may have */
    PyObject *added;      /* list of names that are new since the last look */
    uint32_t number;
    struct Namespace *also; /* another one of the same dict */
    bool is_body, is_notebook;
} Namespace;

typedef struct Record {
    PyFrameObject *frame; /* held */
    PyObject *view;       /* of its variables, or NULL; see `read_by_name` */
    Code *code;
    Namespace *namespace, *body;
    Variable *variables;  /* `code->n_slots` of them */
    PyObject *in_flight;  /* held: the exception that passes in the frame */
    Node *flight_node;
    struct Record *older, *newer;
    uint32_t number, order;
    uint8_t kind;
    int thread, line, depth_told;
    int n_reads;          /* up to MANY_READS */
    int64_t last_step;
    int64_t entry_at;   /* how many steps there were at its last entry of the ledger */
    bool jumped, has_line, handling, suspended, starting, read_all;
} Record;

typedef struct {
    uint64_t id;
    int number;
    Record **stack;
    size_t n, cap;
} Thread;

typedef struct Core {
    PyObject_HEAD
    PyObject *host;       /* the engine: what C code asks Python code */
    Buffer log;
    long long final_at;   /* where the result stands in the log */
    size_t whole;         /* up to here the log's records are complete */
    PyObject *objects, *codes, *types; /* lists, shared with the decoder */
    PyObject *strings;    /* str or Atom -> index in `objects` */
    PyObject *telling;    /* str -> bool: a name that says that its value is secret */
    PyObject *pure;       /* frozenset: names of built-in functions that are taken to change nothing */
    PyObject *lent_types; /* frozenset: views, iterators and the like */
    PyObject *pattern_type;
    PyObject *passed_over;      /* a folder whose code is out of scope, and one in it that is not; () for none */
    PyObject *builtins;   /* the one dict that is not looked into */
    /* limits */
    Py_ssize_t most_elements, edge, most_string;
    int depth;
    int64_t most_steps, most_bytes;
    /* progress */
    int64_t steps, bytes;
    uint32_t n_bound;     /* for `Variable.order` */
    uint32_t n_frames, current_frame, n_numbers;
    bool on, busy, is_live, has_secrets;
    bool broken;          /* a look was broken off: what it told is lost, and nothing can be told after it */
    PyThreadState *busy_state;
    volatile int stop_wanted;
    PyObject *error;      /* held: what Python code raised while we looked */
    PyObject *stop_type;  /* what ends the traced code */
    /* the graph */
    Map by_address, type_map, dict_owners;
    Map attribute_dicts;  /* dict -> the node whose attributes it holds; the core itself: those of several */
    Listed *lists;
    size_t n_lists, cap_lists;
    Nodes nodes, scan, unheld, gone, floating, lent, *todo, reads;
    Node *value_node;     /* what the last step returned or raised: in view until the next */
    size_t n_todo;
    Type *builtins_type;
    PyObject **trash;
    size_t n_trash, cap_trash;
    bool new_unheld, may_miss;
    int64_t cause;        /* of the deltas that are being told: a step, or -1 */
    int64_t told_cause;   /* what the reader of the log takes it for */
    bool stores;          /* the line that ran may have stored into the middle of a container */
    Node *stored_node;    /* all that it did was to store into this object; NULL: it may have done more */
    Py_ssize_t stored_place; /* ... a list, at this place */
    PyObject *stored_name;   /* ... an instance, this attribute; held by the code object */
    /* frames */
    Map records, code_map;
    Record *oldest, *newest, *current;
    size_t n_suspended, n_shared; /* suspended frames; frames whose variables others may change */
    Namespace **namespaces;
    size_t n_namespaces;
    Thread *threads;
    size_t n_threads;
    Thread *thread;
    int last_thread;
    bool ran_elsewhere;   /* code out of scope began or went on since the last look */
    bool function_only, body_changed;
    bool names_changed;   /* a namespace is dirty */
    bool runs_unseen;     /* an operator, or the end of an object, may run something in C: every line may do anything */
    bool writes_locals;   /* some code may bind variables of any frame */
    bool shadowed;        /* a name in `pure` was given to something else: every line may do anything */
    int64_t disturbed_at;
    Text *texts;          /* by the number that probes know */
    int n_texts;
    uint32_t epoch;
    struct Core *next;    /* of all cores that are on */
} Core;

enum {
    DELTA_BYTES = 200, /* what a change, and a part of a content, takes in memory: as in `cotrace.tracing.recording` */
    PART_BYTES = 60,
    LONG_STRING = 200, /* a variable's string that is longer is not held */
    MOST_CHANGES = 8,  /* with more single changes an object is told whole: as in `cotrace.tracing.diff` */
};

void trash_last(Core *core, PyObject *object); /* graph.c */

Thread *thread_found(Core *core, uint64_t id);

/* Numbers and their like: neither text nor an object to be followed. */
static inline bool is_plain(PyObject *value) {
    PyTypeObject *type = Py_TYPE(value);
    return type == &PyLong_Type || type == &PyFloat_Type || type == &PyBool_Type || value == Py_None;
}

/* The thread whose event this is. */
static inline Thread *thread_now(Core *core) {
    const PyThreadState *state = core->busy ? core->busy_state : PyThreadState_Get();
    uint64_t id = state->id; /* as PyThreadState_GetID has it */
    if (core->last_thread >= 0 && core->threads[core->last_thread].id == id) return &core->threads[core->last_thread];
    return thread_found(core, id);
}

static inline uint8_t flags_of(const Record *record, int line) {
    unsigned place = (unsigned)(line - record->code->first_line);
    return place < (unsigned)record->code->n_lines ? record->code->flags[place] : LINE_OPAQUE | LINE_CELLS | LINE_STORES;
}

/* Keep a reference for later: letting go of it may run anybody's code, which must not come upon us half done. */
static inline void trash(Core *core, PyObject *object) {
    if (object == NULL) return;
    if (Py_REFCNT(object) > 1 || PyLong_CheckExact(object) || PyUnicode_CheckExact(object) || PyFloat_CheckExact(object)) {
        Py_DECREF(object);
    } else {
        trash_last(core, object);
    }
}

/* Tell whether a name is shown: a string without two underscores at both ends. */
static inline bool is_shown(PyObject *name) {
    if (!PyUnicode_CheckExact(name)) return false;
    Py_ssize_t n = PyUnicode_GET_LENGTH(name);
    return n < 2 || !(PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_' &&
                      PyUnicode_READ_CHAR(name, n - 1) == '_' && PyUnicode_READ_CHAR(name, n - 2) == '_');
}

/* How a node's content is read: what Python code can't tell in a text after all is read by it. */
static inline int reading_of(const Node *node) {
    return node->type->reading == READ_DESCRIBED ? READ_BY_PYTHON : node->type->reading;
}

/* The same object, without looking: not to be had of objects that are not held. */
static inline bool is_unchanged(const Part *part, PyObject *raw) {
    return part->raw == raw && (part->node == NULL || part->node->held);
}

#define OUT(core) ((uint8_t)((core)->depth + 1))

static inline size_t slot_of(const void *key, size_t mask) {
    uint64_t x = (uint64_t)(uintptr_t)key;
    x ^= x >> 32;
    x *= 0x9E3779B97F4A7C15ull;
    return (size_t)(x >> 20) & mask;
}

static inline void *map_get(const Map *map, const void *key) {
    if (map->mask == 0) return NULL;
    for (size_t i = slot_of(key, map->mask); map->keys[i] != NULL; i = (i + 1) & map->mask) {
        if (map->keys[i] == key) return map->values[i];
    }
    return NULL;
}

/* maps.c */
int map_put(Map *map, void *key, void *value);
void map_remove(Map *map, void *key);
void map_free(Map *map);
int nodes_push(Nodes *nodes, Node *node);

/* graph.c */
Type *type_of(Core *core, PyTypeObject *kind);
int part_of(Core *core, PyObject *value, Part *part);
void part_free(Core *core, Part *part);
Node *meet(Core *core, PyObject *value, Type *type);
bool is_same(Core *core, Node *node, PyObject *value);
void meet_new(Core *core, PyObject *value);
int root_add(Core *core, Node *node);
int root_drop(Core *core, Node *node);
int support_add(Core *core, Node *node, int level);
int support_drop(Core *core, Node *node, int level);
int mark_pending(Core *core, Node *node);
int settle(Core *core);
int unhold(Core *core, Node *node);
void scan_add(Core *core, Node *node);
void scan_remove(Core *core, Node *node);
int list_watch(Core *core, Node *node);
void node_close(Core *core, Node *node);
void empty_trash(Core *core);
void graph_free(Core *core);
void keep_error(Core *core);

/* contents.c */
int look_at(Core *core, Node *node);
int scan_all(Core *core);
bool has_weak_references(PyObject *object);
Py_ssize_t place_of_key(Node *node, PyObject *key);
Py_ssize_t place_of_name(const Node *node, PyObject *name);
bool same_part(Core *core, const Part *old, const Part *now, PyObject *name);
bool same_atoms(Core *core, PyObject *one, PyObject *other);
int log_part(Core *core, Buffer *buffer, const Part *part, PyObject *name);
int log_atom(Core *core, Buffer *buffer, PyObject *value);
int log_name(Core *core, Buffer *buffer, PyObject *name);
Py_ssize_t index_of(Core *core, PyObject *object);
bool tells(Core *core, PyObject *name);
PyObject *atom_by_name(Core *core, PyObject *value, PyObject *name);
int log_cause(Core *core);
int log_described(Core *core, Buffer *buffer, PyObject *value);
int log_long(Core *core, Buffer *buffer, PyObject *head, Py_ssize_t length);
int dict_changed(Core *core, Node *node, PyDict_WatchEvent event, PyObject *key);
int watch(Core *core, PyObject *dict, void *owner);
void unwatch(Core *core, PyObject *dict);
int observe_number(Core *core, uint32_t span, PyObject *value, int disturbs);
int observe(Core *core, Record *record, uint32_t span, PyObject *value, PyObject *name, int flags);

enum { DISTURBS = 1, DISTURBS_IF_MISSING = 2 }; /* what the evaluation of an expression may do to objects in view */

/* attributes.c */
bool is_split(PyObject *dict);
int note_attributes(Core *core, Node *node, PyObject *dict);
int find_attributes(Core *core, Node *node);
void forget_attributes(Core *core, Node *node);
bool has_own_attributes(const Core *core, const Node *node);
bool is_of_an_object(const Core *core, PyObject *dict);
bool same_pairs(const Node *node, PyObject *dict);

/* lent.c */
int lent_add(Core *core, Node *node);
void lent_remove(Core *core, Node *node);
bool holds_only(const Core *core, PyObject *object, bool in_view);
int unhold_lent(Core *core);

/* stores.c */
bool find_stores(Core *core, const Record *record);

/* big.c */
int look_at_big_list(Core *core, Node *node);
void big_free(Core *core, Node *node);
void big_let_go(Core *core, Node *node);

/* records.c */
Record *record_of(Core *core, PyFrameObject *frame);
Record *record_add(Core *core, PyFrameObject *frame, Code *code, int kind);
int record_remove(Core *core, Record *record, int64_t step);
int thread_push(Thread *thread, Record *record);
int close_dead(Core *core);
int look_at_variables(Core *core, Record *ran, Record *caller, bool inside, bool all, bool cells);
int namespace_changed(Core *core, Namespace *names, PyDict_WatchEvent event, PyObject *key);
Code *code_meet(Core *core, PyObject *code, PyFrameObject *frame);
int line_at(const Code *code, Py_ssize_t offset);
int flight_set(Core *core, Record *record, PyObject *error);
int flight_clear(Core *core, Record *record);
int look_at_own(Core *core, Record *record, bool inside);
void frames_free(Core *core);

/* events.c */
int core_take(Core *core, int text, int span, PyObject *value);

#endif
