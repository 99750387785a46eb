/* The log between the recorder and the decoder: its opcodes, and how numbers are written and read.

   A log is a row of records. A record is one byte that says what it is, and then its operands, which are

     uv      an unsigned number: seven bits a byte, lowest first, the top bit set on all but the last byte
     sv      a signed number: zigzag (0, -1, 1, -2 ... become 0, 1, 2, 3 ...), then as uv
     u8      one byte
     value   one byte of `enum ValueTag`, or a small int in that byte, and what the tag says
     idx     a uv: the place of a Python object in the list that goes with the log

   The recorder writes while the traced program waits, so a record holds only what can't be worked out later: a step
   knows its line by the distance from the line before, and its number and depth not at all. The same records in the
   same order always give the same parts of a trace; `decoder.c` says how. */

#ifndef COTRACE_LOG_H
#define COTRACE_LOG_H

#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* --- records --------------------------------------------------------------------------------------------------- */

enum Opcode {
    /* Steps. Every change since the step before belongs to them. */
    OP_LINE = 1,       /* sv: the line, from the frame's last one */
    OP_FRAME = 2,      /* uv number: this frame is the current one from here on */
    OP_START = 3,      /* uv: its cause + 1; 0: nobody's */
    OP_RESUME = 4,     /* uv: its cause + 1; 0: nobody's */
    OP_RETURN = 5,     /* value */
    OP_YIELD = 6,      /* value */
    OP_RAISE = 7,      /* value */
    OP_UNWIND = 8,     /* value */

    /* Frames. A new one gets the next free number. */
    OP_NEWFRAME = 9,   /* uv code, uv parent + 1, uv globals frame, uv thread, u8 kind; it becomes the current one */
    OP_NEWGLOBALS = 10, /* idx of a module's name; does not become the current one */
    OP_ENDFRAME = 11,  /* uv number, uv last step + 1 */
    OP_DEPTH = 12,     /* uv: the depth of the current frame from here on */
    OP_FINAL = 13,     /* value or NO_RESULT; the changes before it are those seen when the recording ended */

    /* Changes. They belong to the next step. */
    OP_BIND = 20,      /* uv slot, value: in the current frame, by the names of its code */
    OP_BINDN = 21,     /* uv frame, idx of a name, value */
    OP_UNBIND = 22,    /* uv slot */
    OP_UNBINDN = 23,   /* uv frame, idx of a name */
    OP_CAUSE = 24,     /* uv: the cause + 1 of the following changes; 0: nobody's */
    OP_DEFAULT = 25,   /* the cause is the step's own again */
    OP_BINDF = 26,     /* uv frame, uv slot, value */
    OP_UNBINDF = 27,   /* uv frame, uv slot */
    OP_APPEAR = 30,    /* object */
    OP_BECOME = 31,    /* object */
    OP_SETELEM = 32,   /* uv object, uv index, value */
    OP_SPLICE = 33,    /* uv object, uv index, uv removed, uv n, n values */
    OP_SETENTRY = 34,  /* uv object, value key, value */
    OP_DELENTRY = 35,  /* uv object, value key */
    OP_SETATTR = 36,   /* uv object, idx of a name, value */
    OP_DELATTR = 37,   /* uv object, idx of a name */
    OP_PYDELTA = 38,   /* idx of a change made in Python, its cause in it */

    /* The expression ledger. */
    OP_ENTRY = 40,     /* uv span, value */
    OP_ENTRYO = 41,    /* uv span, value, uv n, n objects */
    OP_PYENTRY = 42,   /* idx of an entry made in Python */

    /* A byte from here on is an OP_LINE whose distance is (byte & 0x7f) - SHORT_LINE_BIAS. */
    OP_SHORT_LINE = 0x80
};

enum { SHORT_LINE_BIAS = 64 };

/* An object is uv number, uv place in the list of types, u8 of these flags, and what they say, in this order. */
enum ObjectFlag {
    HAS_ELEMENTS = 1,   /* uv n, n values */
    HAS_ENTRIES = 2,    /* uv n, n times a key and a value */
    HAS_ATTRIBUTES = 4, /* uv n, n times idx of a name and a value */
    HAS_LENGTH = 8,     /* uv */
    HAS_POSITIONS = 16, /* uv n, n uv: the first one, then the distance of each from the one before */
    HAS_CUT = 32,       /* u8: enum Cut */
    HAS_TEXT = 64       /* idx of a str */
};

/* In place of an object's number, which is never 0: idx of a HeapObject that Python made follows, and nothing else. */
enum { READY_OBJECT = 0 };

enum Cut { CUT_LENGTH = 1, CUT_DEPTH = 2 };

enum ValueTag {
    VALUE_NONE = 0,
    VALUE_TRUE = 1,
    VALUE_FALSE = 2,
    VALUE_INT = 3,      /* sv */
    VALUE_FLOAT = 4,    /* eight bytes, lowest first */
    VALUE_STR = 5,      /* idx of the whole str */
    VALUE_ATOM = 6,     /* idx of an Atom */
    VALUE_RAW = 7,      /* idx of an object that is to be made an Atom */
    VALUE_REF = 8,      /* uv number of the object it refers to */
    VALUE_ELLIPSIS = 9,
    VALUE_LONG_STR = 10, /* idx of a str that holds the part that is kept, uv length of the whole */
    VALUE_SMALL = 16,   /* from here on: the int byte - SMALL_BIAS */
    NO_RESULT = 0xFE    /* in OP_FINAL only, where this small int (222) is written as VALUE_INT */
};

enum { SMALL_BIAS = 32, SMALL_LEAST = VALUE_SMALL - SMALL_BIAS, SMALL_MOST = 0xFF - SMALL_BIAS };

enum FrameKind {
    FRAME_FUNCTION, FRAME_GENERATOR, FRAME_COROUTINE, FRAME_ASYNC_GENERATOR, FRAME_CLASS, FRAME_MODULE, FRAME_BLOCK,
    FRAME_GLOBALS, FRAME_KINDS
};

/* --- writing --------------------------------------------------------------------------------------------------- */

typedef struct {
    uint8_t *bytes;
    size_t n, cap;
} Buffer;

enum { UV_MOST_BYTES = 10 };

/* Make room for `more` bytes. Like all writers here: 0, or -1 with MemoryError set and the buffer as it was. */
static inline int
reserve(Buffer *log, size_t more)
{
    if (more <= log->cap - log->n) {
        return 0;
    }
    size_t cap = log->cap < 4096 ? 4096 : log->cap;
    while (cap - log->n < more) {
        if (cap > PY_SSIZE_T_MAX / 2) {
            PyErr_NoMemory();
            return -1;
        }
        cap *= 2;
    }
    uint8_t *grown = PyMem_RawRealloc(log->bytes, cap);
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    log->bytes = grown;
    log->cap = cap;
    return 0;
}

static inline void
release(Buffer *log)
{
    PyMem_RawFree(log->bytes);
    log->bytes = NULL;
    log->n = log->cap = 0;
}

static inline int
put8(Buffer *log, uint8_t byte)
{
    if (log->n == log->cap && reserve(log, 1) < 0) {
        return -1;
    }
    log->bytes[log->n++] = byte;
    return 0;
}

static inline int
put_uv(Buffer *log, uint64_t number)
{
    if (reserve(log, UV_MOST_BYTES) < 0) {
        return -1;
    }
    while (number >= 0x80) {
        log->bytes[log->n++] = (uint8_t)(number | 0x80);
        number >>= 7;
    }
    log->bytes[log->n++] = (uint8_t)number;
    return 0;
}

static inline int
put_sv(Buffer *log, int64_t number)
{
    uint64_t bits = (uint64_t)number << 1;
    return put_uv(log, number < 0 ? ~bits : bits);
}

static inline int
put_f64(Buffer *log, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    if (reserve(log, sizeof bits) < 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof bits; i++) {
        log->bytes[log->n++] = (uint8_t)(bits >> (8 * i));
    }
    return 0;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

/* Reads from `at` to before `end`, never beyond. What is not there reads as 0 and sets `short_of`, which stays set:
   a reader of many numbers may ask once, at the end. */
typedef struct {
    const uint8_t *at, *end;
    int short_of;
} Reader;

static inline uint8_t
get8(Reader *log)
{
    if (log->at == log->end) {
        log->short_of = 1;
        return 0;
    }
    return *log->at++;
}

static inline uint64_t
get_uv(Reader *log)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && log->at < log->end; shift += 7) {
        uint8_t byte = *log->at++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return number;
        }
    }
    log->short_of = 1;
    return 0;
}

static inline int64_t
get_sv(Reader *log)
{
    uint64_t bits = get_uv(log);
    int64_t half = (int64_t)(bits >> 1);
    return bits & 1 ? ~half : half;
}

static inline double
get_f64(Reader *log)
{
    uint64_t bits = 0;
    double number;
    for (size_t i = 0; i < sizeof bits; i++) {
        bits |= (uint64_t)get8(log) << (8 * i);
    }
    memcpy(&number, &bits, sizeof number);
    return number;
}

#endif
