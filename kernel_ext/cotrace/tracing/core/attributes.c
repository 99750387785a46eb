/* The dictionaries that objects keep their attributes in. The program may have such a dict in its hands, too: what is
   stored into one of the two is then seen in the other, and a store is not all that there is to look at.

   A dict that shares its values with an object (since Python 3.13 each instance's own) does not say that an attribute
   was stored through the object: it is compared with what was told of it, like a list. */

#include "recorder.h"

#include "walk.h"

/* Tell whether a dict keeps its values where an object has them. */
bool is_split(PyObject *dict) { return ((PyDictObject *)dict)->ma_values != NULL; }

/* Forget whose attributes the dict holds. One that several share stays known as such: that only costs looks. */
void forget_attributes(Core *core, Node *node) {
    if (node->attributes != NULL && map_get(&core->attribute_dicts, node->attributes) == node) {
        map_remove(&core->attribute_dicts, node->attributes);
    }
    node->attributes = NULL;
}

/* Note that `dict` holds the attributes of an object in view. */
int note_attributes(Core *core, Node *node, PyObject *dict) {
    if (node->attributes == dict) return 0;
    forget_attributes(core, node);
    node->attributes = dict;
    void *known = map_get(&core->attribute_dicts, dict);
    return map_put(&core->attribute_dicts, dict, known == NULL ? (void *)node : (void *)core);
}

/* Find the dict of an object that may have one, and note it. */
int find_attributes(Core *core, Node *node) {
    if (Py_TYPE(node->object)->tp_dictoffset == 0 || PyType_Check(node->object)) return 0;
    PyObject *dict = PyObject_GenericGetDict(node->object, NULL);
    if (dict == NULL) return PyErr_Clear(), 0;
    int done = note_attributes(core, node, dict);
    Py_DECREF(dict);
    return done;
}

/* Tell whether a store through the object is seen in nothing else. */
bool has_own_attributes(const Core *core, const Node *node) {
    return node->attributes != NULL && map_get(&core->by_address, node->attributes) == NULL &&
           map_get(&core->attribute_dicts, node->attributes) == node;
}

bool is_of_an_object(const Core *core, PyObject *dict) { return map_get(&core->attribute_dicts, dict) != NULL; }

/* Tell whether a dict holds what the log knows: of an instance's, only the names that are shown count. */
bool same_pairs(const Node *node, PyObject *dict) {
    bool is_instance = reading_of(node) == READ_INSTANCE;
    Py_ssize_t i = 0;
    PyObject *key, *value;
    for (Py_ssize_t place = 0; PyDict_Next(dict, &place, &key, &value);) {
        bool is_next = i < node->n && node->keys[i].raw == key && is_unchanged(&node->parts[i], value);
        if (!is_next && is_instance && !is_shown(key)) continue;
        if (!is_next && !(is_instance && i < node->n && is_unchanged(&node->parts[i], value) &&
                          PyUnicode_Compare(node->keys[i].raw, key) == 0)) {
            return false;
        }
        i++;
    }
    return i == node->n;
}
