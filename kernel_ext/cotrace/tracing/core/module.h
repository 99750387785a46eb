/* What the files of the core give to the module: a function each, for `slots` in module.c. It returns 0, or -1 with
   an exception set. */

#ifndef COTRACE_MODULE_H
#define COTRACE_MODULE_H

#include <Python.h>

/* events.c */
int add_core(PyObject *module);

/* probe.c */
int add_probes(PyObject *module);

/* decoder.c */
int add_decoder(PyObject *module);

#endif
