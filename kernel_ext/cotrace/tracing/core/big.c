/* Lists over the limit of elements: their ends are told, and what was stored while they were in view. The rules are those
   of `cotrace.tracing.big`; a copy of the whole list, by identity, shows what changed. `Node.parts` are the parts that are
   known, `Big.places` where they stand. */

#include "recorder.h"

#include "walk.h"

struct Big {
    PyObject **copy;      /* held; NULL while it can't be, since the list reaches what must not: then its ends are told */
    Py_ssize_t n;
    Py_ssize_t *places;   /* of each of `Node.parts`, ascending */
};

typedef struct { Py_ssize_t *at, n, cap; } Places;

static int places_push(Places *places, Py_ssize_t place) {
    if (places->n > 0 && places->at[places->n - 1] == place) return 0;
    if (places->n == places->cap) {
        Py_ssize_t cap = places->cap * 2 + 32;
        Py_ssize_t *at = realloc(places->at, (size_t)cap * sizeof *at);
        if (at == NULL) return PyErr_NoMemory(), -1;
        places->at = at;
        places->cap = cap;
    }
    places->at[places->n++] = place;
    return 0;
}

static int ascending(const void *one, const void *other) {
    Py_ssize_t a = *(const Py_ssize_t *)one, b = *(const Py_ssize_t *)other;
    return a < b ? -1 : a > b;
}

/* Sort, and leave each place once. */
static void places_sort(Places *places) {
    qsort(places->at, (size_t)places->n, sizeof *places->at, ascending);
    Py_ssize_t kept = 0;
    for (Py_ssize_t i = 0; i < places->n; i++) {
        if (kept == 0 || places->at[kept - 1] != places->at[i]) places->at[kept++] = places->at[i];
    }
    places->n = kept;
}

static int push_ends(Core *core, Places *places, Py_ssize_t n) {
    for (Py_ssize_t i = 0; i < core->edge && i < n; i++) {
        if (places_push(places, i) < 0) return -1;
    }
    for (Py_ssize_t i = n - core->edge < 0 ? 0 : n - core->edge; i < n; i++) {
        if (places_push(places, i) < 0) return -1;
    }
    return 0;
}

/* Hold none of the list's elements for now. */
void big_let_go(Core *core, Node *node) {
    struct Big *big = node->big_list;
    if (big == NULL || big->copy == NULL) return;
    for (Py_ssize_t i = 0; i < big->n; i++) trash(core, big->copy[i]);
    free(big->copy);
    big->copy = NULL;
}

void big_free(Core *core, Node *node) {
    if (node->big_list == NULL) return;
    big_let_go(core, node);
    free(node->big_list->places);
    free(node->big_list);
    node->big_list = NULL;
}

/* Take a new copy of the list. */
static int take_copy(Core *core, Node *node) {
    PyListObject *list = (PyListObject *)node->object;
    struct Big *big = node->big_list;
    Py_ssize_t n = Py_SIZE(list), before = big->n;
    PyObject **copy = malloc((size_t)n * sizeof *copy), **old = big->copy;
    if (copy == NULL) return PyErr_NoMemory(), -1;
    for (Py_ssize_t i = 0; i < n; i++) copy[i] = Py_NewRef(list->ob_item[i]);
    big->copy = copy;
    big->n = n;
    for (Py_ssize_t i = 0; i < before; i++) trash(core, old[i]);
    free(old);
    return 0;
}

static int log_big_object(Core *core, Buffer *log, const Node *node, const Part *parts, const Places *known, Py_ssize_t length) {
    const Py_ssize_t *places = known->at, n = known->n;
    if (put_uv(log, node->number) < 0 || put_uv(log, node->type->index) < 0) return -1;
    if (put8(log, HAS_ELEMENTS | HAS_LENGTH | HAS_POSITIONS | HAS_CUT) < 0 || put_uv(log, (uint64_t)n) < 0) return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (log_part(core, log, &parts[i], NULL) < 0) return -1;
    }
    if (put_uv(log, (uint64_t)length) < 0 || put_uv(log, (uint64_t)n) < 0) return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (put_uv(log, (uint64_t)(i > 0 ? places[i] - places[i - 1] : places[i])) < 0) return -1;
    }
    return put8(log, CUT_LENGTH);
}

static int log_big(Core *core, Node *node, const Part *parts, const Places *places) {
    core->bytes += PART_BYTES * places->n;
    node->closed = false;
    return begin_whole(core, node) < 0 ? -1 : log_big_object(core, &core->log, node, parts, places, node->big_list->n);
}

/* Read the parts at the places: objects among them get their nodes. */
static Part *read_parts(Core *core, PyObject *const *items, const Places *places) {
    Part *parts = calloc((size_t)places->n + 1, sizeof(Part));
    if (parts == NULL) return (Part *)PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < places->n; i++) {
        if (part_of(core, items[places->at[i]], &parts[i]) < 0) {
            while (i-- > 0) part_free(core, &parts[i]);
            return free(parts), NULL;
        }
    }
    return parts;
}

/* Make these what is known. Takes both over. */
static int keep_known(Core *core, Node *node, Part *parts, Places *places) {
    Content now = {NULL, parts, places->n};
    free(node->big_list->places);
    node->big_list->places = places->at;
    places->at = NULL;
    return install(core, node, &now);
}

static Py_ssize_t find(const Py_ssize_t *places, Py_ssize_t n, Py_ssize_t place) {
    Py_ssize_t low = 0, high = n;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (places[middle] < place) low = middle + 1;
        else high = middle;
    }
    return low < n && places[low] == place ? low : -1;
}

typedef struct { Py_ssize_t start, removed, inserted; } Stretch;

/* Where a part that is known now was known before; -1 where it was not. */
static Py_ssize_t known_before(const Node *node, const Stretch *stretch, Py_ssize_t place) {
    if (stretch != NULL && place >= stretch->start) {
        if (place < stretch->start + stretch->inserted) return -1;
        place += stretch->removed - stretch->inserted;
    }
    return find(node->big_list->places, node->n, place);
}

static bool is_inserted(const Stretch *stretch, Py_ssize_t place) {
    return stretch != NULL && place >= stretch->start && place < stretch->start + stretch->inserted;
}

static bool differs(Core *core, const Node *node, const Stretch *stretch, const Places *places, const Part *parts, Py_ssize_t i) {
    if (is_inserted(stretch, places->at[i])) return false;
    Py_ssize_t was = known_before(node, stretch, places->at[i]);
    return was < 0 || !same_part(core, &node->parts[was], &parts[i], NULL);
}

/* Tell what changed: the stretch, if any, and then each known place that is another or was not known. */
static int tell_big(Core *core, Node *node, const Stretch *stretch, const Places *places, const Part *parts) {
    Py_ssize_t changed = 0;
    for (Py_ssize_t i = 0; stretch == NULL && i < places->n; i++) changed += differs(core, node, NULL, places, parts, i);
    if (changed > MOST_CHANGES) return log_big(core, node, parts, places);
    if (stretch != NULL) {
        Py_ssize_t first = stretch->inserted > 0 ? find(places->at, places->n, stretch->start) : 0;
        if (tell_splice(core, node, stretch->start, stretch->removed, parts + first, stretch->inserted) < 0) return -1;
    }
    for (Py_ssize_t i = 0; i < places->n; i++) {
        if (differs(core, node, stretch, places, parts, i) && tell_element(core, node, places->at[i], &parts[i]) < 0) return -1;
    }
    return 0;
}

static int look_at_new(Core *core, Node *node) {
    node->big_list = calloc(1, sizeof *node->big_list);
    if (node->big_list == NULL) return PyErr_NoMemory(), -1;
    if (take_copy(core, node) < 0) return -1;
    Places places = {0};
    Part *parts = push_ends(core, &places, node->big_list->n) < 0 ? NULL : read_parts(core, node->big_list->copy, &places);
    if (parts == NULL || log_big(core, node, parts, &places) < 0) return free(places.at), -1;
    return keep_known(core, node, parts, &places);
}

static bool has_same_ends(Core *core, const PyListObject *list, const struct Big *big) {
    size_t size = (size_t)(core->edge < big->n ? core->edge : big->n);
    return memcmp(list->ob_item, big->copy, size * sizeof(PyObject *)) == 0 &&
           memcmp(list->ob_item + big->n - size, big->copy + big->n - size, size * sizeof(PyObject *)) == 0;
}

/* The line stored at one known place and did nothing else. */
static int look_at_stored(Core *core, Node *node, Py_ssize_t place) {
    struct Big *big = node->big_list;
    PyObject *value = ((PyListObject *)node->object)->ob_item[place];
    if (value == big->copy[place]) return 0;
    trash(core, big->copy[place]);
    big->copy[place] = Py_NewRef(value);
    Part now;
    if (part_of(core, value, &now) < 0) return -1;
    Py_ssize_t known = find(big->places, node->n, place);
    if (known >= 0) {
        if (!same_part(core, &node->parts[known], &now, NULL) && tell_element(core, node, place, &now) < 0) return -1;
        return replace_part(core, node, &node->parts[known], &now);
    }
    if (tell_element(core, node, place, &now) < 0) return -1;
    if (node->n == node->cap) {
        Py_ssize_t cap = node->n * 2 + 32;
        PyObject **raw = realloc(node->raw, (size_t)cap * sizeof *raw); /* not looked at for a big list */
        if (raw != NULL) node->raw = raw;
        Part *parts = realloc(node->parts, (size_t)cap * sizeof *parts);
        if (parts != NULL) node->parts = parts;
        Py_ssize_t *places = realloc(big->places, (size_t)cap * sizeof *places);
        if (places != NULL) big->places = places;
        if (raw == NULL || parts == NULL || places == NULL) return PyErr_NoMemory(), -1;
        node->cap = cap;
    }
    Py_ssize_t at = node->n;
    while (at > 0 && big->places[at - 1] > place) at--;
    memmove(node->parts + at + 1, node->parts + at, (size_t)(node->n - at) * sizeof *node->parts);
    memmove(big->places + at + 1, big->places + at, (size_t)(node->n - at) * sizeof *big->places);
    node->n++;
    big->places[at] = place;
    node->parts[at] = (Part){NULL, NULL};
    return replace_part(core, node, &node->parts[at], &now);
}

/* Collect the places that are known by now, where the length is the same. */
static int places_of_same_length(Core *core, const Node *node, Places *places) {
    const struct Big *big = node->big_list;
    PyObject **items = ((PyListObject *)node->object)->ob_item;
    Py_ssize_t others = 0;
    for (Py_ssize_t i = 0; i < big->n; i++) {
        if (items[i] == big->copy[i]) continue;
        if (++others <= core->most_elements && places_push(places, i) < 0) return -1;
    }
    if (others > core->most_elements) places->n = 0;
    for (Py_ssize_t i = 0; i < node->n; i++) {
        if (places_push(places, big->places[i]) < 0) return -1;
    }
    return push_ends(core, places, big->n);
}

static Stretch find_stretch(const Node *node) {
    const struct Big *big = node->big_list;
    const PyListObject *list = (PyListObject *)node->object;
    Py_ssize_t n = Py_SIZE(list), shorter = n < big->n ? n : big->n, head = 0, tail = 0;
    while (head < shorter && list->ob_item[head] == big->copy[head]) head++;
    while (tail < shorter - head && list->ob_item[n - 1 - tail] == big->copy[big->n - 1 - tail]) tail++;
    return (Stretch){head, big->n - head - tail, n - head - tail};
}

static int places_of_other_length(Core *core, const Node *node, const Stretch *stretch, Places *places) {
    Py_ssize_t end = stretch->start + stretch->removed;
    for (Py_ssize_t i = 0; i < node->n; i++) {
        Py_ssize_t place = node->big_list->places[i];
        if (place >= stretch->start && place < end) continue;
        if (places_push(places, place < stretch->start ? place : place + stretch->inserted - stretch->removed) < 0) return -1;
    }
    for (Py_ssize_t i = 0; stretch->inserted <= core->most_elements && i < stretch->inserted; i++) {
        if (places_push(places, stretch->start + i) < 0) return -1;
    }
    return push_ends(core, places, Py_SIZE(node->object));
}

static bool is_same_list(Core *core, const Node *node) {
    const struct Big *big = node->big_list;
    const PyListObject *list = (PyListObject *)node->object;
    if (Py_SIZE(list) != big->n || !has_same_ends(core, list, big)) return false;
    return !core->stores || memcmp(list->ob_item, big->copy, (size_t)big->n * sizeof(PyObject *)) == 0;
}

/* Find the places that are known by now, and the stretch that is new where it changed the length. Returns -1, or
   whether all that is new is known. */
static int find_places(Core *core, const Node *node, Stretch *found, Places *places) {
    int done;
    bool all = true;
    if (Py_SIZE(node->object) == node->big_list->n) {
        done = places_of_same_length(core, node, places);
    } else {
        *found = find_stretch(node);
        all = found->inserted <= core->most_elements;
        done = places_of_other_length(core, node, found, places);
    }
    if (done == 0) places_sort(places);
    return done < 0 ? -1 : all;
}

/* Read the ends, which are all that is told of a list that is not held. */
static Part *read_ends(Core *core, const Node *node, Places *places) {
    PyListObject *list = (PyListObject *)node->object;
    return push_ends(core, places, Py_SIZE(list)) < 0 ? NULL : read_parts(core, list->ob_item, places);
}

/* Tell whether every place that is known is among these, of a list of the same length. */
static bool has_known_places(const Node *node, const Places *places) {
    bool all = Py_SIZE(node->object) == node->big_list->n;
    for (Py_ssize_t i = 0; all && i < node->n; i++) all = find(places->at, places->n, node->big_list->places[i]) >= 0;
    return all;
}

static bool are_known(Core *core, const Node *node, const Places *places, const Part *parts) {
    if (!has_known_places(node, places) || places->n != node->n) return false;
    for (Py_ssize_t i = 0; i < places->n; i++) {
        if (!same_part(core, &node->parts[i], &parts[i], NULL)) return false;
    }
    return true;
}

static int glance_at_ends(Core *core, Node *node, Buffer *buffer, Content *now) {
    Places places = {0};
    now->parts = read_ends(core, node, &places);
    now->n = now->parts == NULL ? 0 : places.n;
    int done = now->parts == NULL ? -1 : are_known(core, node, &places, now->parts) ? 0 : 1;
    if (done == 0) content_free(core, now);
    if (done == 1 && log_big_object(core, buffer, node, now->parts, &places, Py_SIZE(node->object)) < 0) done = -1;
    free(places.at);
    return done;
}

static int look_at_ends(Core *core, Node *node) {
    Places places = {0};
    Part *parts = read_ends(core, node, &places);
    if (parts == NULL) return free(places.at), -1;
    bool has_all = has_known_places(node, &places);
    node->big_list->n = 0;
    int done = take_copy(core, node) < 0 ? -1 : has_all ? tell_big(core, node, NULL, &places, parts) : log_big(core, node, parts, &places);
    if (done < 0) return free(places.at), -1;
    return keep_known(core, node, parts, &places);
}

/* Write what a big list holds between events, for the ledger; 0 where it is what the log knows, 1 where it is written
   and `now` has its known parts, to be freed by the caller. What is known for the events stays as it is. */
int glance_at_big_list(Core *core, Node *node, Buffer *buffer, Content *now) {
    if (node->big_list->copy == NULL) return glance_at_ends(core, node, buffer, now);
    if (is_same_list(core, node)) return 0;
    Places places = {0};
    Stretch stretch;
    if (find_places(core, node, &stretch, &places) < 0) return free(places.at), -1;
    PyObject **items = ((PyListObject *)node->object)->ob_item;
    now->parts = read_parts(core, items, &places);
    now->n = now->parts == NULL ? 0 : places.n;
    int done = now->parts == NULL ? -1 : log_big_object(core, buffer, node, now->parts, &places, Py_SIZE(node->object));
    free(places.at);
    return done < 0 ? -1 : 1;
}

/* Bring what is known of a big list up to date. */
int look_at_big_list(Core *core, Node *node) {
    if (node->big_list == NULL) return look_at_new(core, node);
    if (node->big_list->copy == NULL) return look_at_ends(core, node);
    bool same_length = Py_SIZE(node->object) == node->big_list->n;
    if (same_length && core->stored_node == node) return look_at_stored(core, node, core->stored_place);
    if (is_same_list(core, node)) return 0;
    Stretch found;
    Places places = {0};
    int all = find_places(core, node, &found, &places);
    if (all < 0 || take_copy(core, node) < 0) return free(places.at), -1;
    Part *parts = read_parts(core, node->big_list->copy, &places);
    if (parts == NULL) return free(places.at), -1;
    int done = all ? tell_big(core, node, same_length ? NULL : &found, &places, parts) : log_big(core, node, parts, &places);
    if (done < 0) return free(places.at), -1;
    return keep_known(core, node, parts, &places);
}
