/* What the ledger (observe.c) needs of how objects are read (contents.c). */

#ifndef COTRACE_WALK_H
#define COTRACE_WALK_H

#include "recorder.h"

/* What an object holds at one moment. Owned by whoever read it. */
typedef struct {
    Part *keys, *parts;
    Py_ssize_t n;
} Content;

int read_content(Core *core, PyObject *object, int reading, Content *content);
void content_free(Core *core, Content *content);
int log_object(Core *core, Buffer *buffer, Node *node, const Content *content);
bool is_big(Core *core, const Node *node);
bool has_changed(Core *core, Node *node);
bool must_not_be_held(Node *node);
void sort_nodes(Nodes *nodes);

/* big.c */
int glance_at_big_list(Core *core, Node *node, Buffer *buffer, Content *now);

/* for big.c */
int begin_whole(Core *core, Node *node);
int install(Core *core, Node *node, Content *content);
int replace_part(Core *core, Node *node, Part *part, Part *now);
int tell_element(Core *core, Node *node, Py_ssize_t place, const Part *now);
int tell_splice(Core *core, Node *node, Py_ssize_t place, Py_ssize_t removed, const Part *parts, Py_ssize_t n);

#endif
