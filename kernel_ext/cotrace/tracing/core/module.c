/* The module `cotrace.tracing._core`: what Python finds of the compiled core when it imports it.

   Each type of the core stands in a file of its own and is added by a function there, which `slots` names.

   Why C and not Cython: both were tried on what is done at every line (find the code in a map of pointers, get the
   frame and two of its variables, compare them with those seen last, write one to eight bytes). Nanoseconds that a
   line takes longer than without tracing, the least of 41 rounds taken in turns, on a virtual machine:

     callback                   Python 3.12    Python 3.13
     empty, in C                       20             23
     empty, in Python                  52             59
     the above, in Cython              65             78
     the above, in C                   68             81

   So speed decides nothing: half of it is `PyFrame_GetVar`, 15 to 27 a variable. In Cython that code is C in another
   spelling all the same, since borrowed references must stay borrowed. But 74 lines of it become 8,900 of C, which use
   private parts of CPython and must be made again for each new version; and whoever installs cotrace would need Cython
   besides a compiler, or we would keep what it makes. Ours asks frames and objects by documented functions.
   Of structures it reads what the public headers declare: a thread state's `id`, `c_tracefunc` and `c_profilefunc`, a
   type's `tp_version_tag`, and whether a dict has `ma_values`. */

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
    {Py_mod_exec, add_core},
    {Py_mod_exec, add_probes},
    {Py_mod_exec, add_decoder},
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
