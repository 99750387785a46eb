/* The module `cotrace.tracing._core`: what Python finds of the compiled core when it imports it.

   Each type of the core stands in a file of its own and is added by a function there, which `slots` names. */

#include "module.h"

/* The build says which sources it compiled, so that a compiled file that is older than they are can be told. */
#ifndef COTRACE_SOURCES
#define COTRACE_SOURCES "unknown"
#endif

static int
add_constants(PyObject *module)
{
    if (PyModule_AddStringConstant(module, "SOURCES", COTRACE_SOURCES) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "PYTHON", PY_VERSION);
}

/* One interpreter, under its lock: the callbacks of sys.monitoring belong to the main interpreter's program. */
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, add_constants},
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "cotrace.tracing._core",
    .m_doc = "The compiled core of the native engine: a recorder that writes a log, and a decoder that reads it.",
    .m_size = 0,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__core(void)
{
    return PyModuleDef_Init(&definition);
}
