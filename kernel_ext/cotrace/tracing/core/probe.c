/* The probes of instrumented code, as `cotrace.tracing.sink` describes them: what is handed to one comes back, and on
   its way it goes to whoever records. A native engine that records alone takes it at once, without Python code. */

#include "recorder.h"

#include "module.h"

#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *recorder;  /* what takes the values, or NULL */
    PyObject *core;      /* a Core that takes them instead, or NULL */
    Py_ssize_t missed;
    PyObject *weak;
} Sink;

typedef struct {
    PyObject_HEAD
    PyObject *sink;      /* a Sink, or what does nothing */
    bool is_heard;       /* it is a Sink */
    int source, key;
} Probe;

static PyTypeObject *sink_type;

static int report(Probe *probe, PyObject *value) {
    if (!probe->is_heard) return 0;
    Sink *sink = (Sink *)probe->sink;
    if (sink->core != NULL && sink->core != Py_None) return core_take((Core *)sink->core, probe->source, probe->key, value);
    if (sink->recorder == NULL || sink->recorder == Py_None) return 0;
    PyObject *source = PyLong_FromLong(probe->source), *key = PyLong_FromLong(probe->key);
    PyObject *recorder = Py_NewRef(sink->recorder);
    PyObject *done = source && key ? PyObject_CallFunctionObjArgs(recorder, source, key, value, NULL) : NULL;
    Py_DECREF(recorder);
    Py_XDECREF(source);
    Py_XDECREF(key);
    Py_XDECREF(done);
    if (done == NULL && PyErr_ExceptionMatches(PyExc_RecursionError)) {
        PyErr_Clear(); /* the program's stack is nearly full: it will be told when it is */
        sink->missed++;
    }
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *probe_subscript(PyObject *self, PyObject *handed) {
    if (!PySlice_Check(handed)) return PyErr_Format(PyExc_TypeError, "a probe takes probe[value:]");
    PyObject *value = Py_NewRef(((PySliceObject *)handed)->start);
    if (report((Probe *)self, value) < 0) Py_CLEAR(value);
    return value;
}

static int probe_init(Probe *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"sink", "source", "key", NULL};
    PyObject *sink;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Oii", names, &sink, &self->source, &self->key)) return -1;
    Py_XSETREF(self->sink, Py_NewRef(sink));
    self->is_heard = PyObject_TypeCheck(sink, sink_type);
    return 0;
}

static int probe_traverse(Probe *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->sink);
    return 0;
}

static int probe_clear(Probe *self) {
    self->is_heard = false;
    Py_CLEAR(self->sink);
    return 0;
}

static void probe_dealloc(Probe *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    probe_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef probe_members[] = {
    {"sink", Py_T_OBJECT_EX, offsetof(Probe, sink), Py_READONLY, NULL},
    {"source", Py_T_INT, offsetof(Probe, source), Py_READONLY, NULL},
    {"key", Py_T_INT, offsetof(Probe, key), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot probe_slots[] = {
    {Py_tp_doc, "A constant in instrumented code that hands on the values it is given."},
    {Py_mp_subscript, probe_subscript},
    {Py_tp_init, probe_init},
    {Py_tp_traverse, probe_traverse},
    {Py_tp_clear, probe_clear},
    {Py_tp_dealloc, probe_dealloc},
    {Py_tp_members, probe_members},
    {0, NULL},
};

static PyType_Spec probe_spec = {"cotrace.tracing._core.Probe", sizeof(Probe), 0,
                                 Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, probe_slots};

static int sink_traverse(Sink *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->recorder);
    Py_VISIT(self->core);
    return 0;
}

static int sink_clear(Sink *self) {
    Py_CLEAR(self->recorder);
    Py_CLEAR(self->core);
    return 0;
}

static void sink_dealloc(Sink *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weak != NULL) PyObject_ClearWeakRefs((PyObject *)self);
    sink_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef sink_members[] = {
    {"recorder", T_OBJECT, offsetof(Sink, recorder), 0, NULL},
    {"core", T_OBJECT, offsetof(Sink, core), 0, NULL},
    {"missed", Py_T_PYSSIZET, offsetof(Sink, missed), 0, NULL},
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(Sink, weak), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot sink_slots[] = {
    {Py_tp_doc, "Hands the values that probes see to one recorder."},
    {Py_tp_traverse, sink_traverse},
    {Py_tp_clear, sink_clear},
    {Py_tp_dealloc, sink_dealloc},
    {Py_tp_members, sink_members},
    {0, NULL},
};

static PyType_Spec sink_spec = {"cotrace.tracing._core.Sink", sizeof(Sink), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, sink_slots};

int add_probes(PyObject *module) {
    PyObject *probe = PyType_FromModuleAndSpec(module, &probe_spec, NULL);
    PyObject *sink = PyType_FromModuleAndSpec(module, &sink_spec, NULL);
    int done = probe == NULL || sink == NULL || PyModule_AddObjectRef(module, "Probe", probe) < 0 ||
                       PyModule_AddObjectRef(module, "Sink", sink) < 0
                   ? -1
                   : 0;
    sink_type = (PyTypeObject *)sink; /* kept for the life of the process */
    Py_XDECREF(probe);
    return done;
}
