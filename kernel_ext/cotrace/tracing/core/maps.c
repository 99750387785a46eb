/* Tables from addresses to what is known of them (open addressing, linear probing), and growing lists of nodes. */

#include "recorder.h"

static int map_grow(Map *map) {
    Map old = *map;
    size_t size = old.mask ? (old.mask + 1) * 2 : 64;
    map->keys = calloc(size, sizeof(void *));
    map->values = calloc(size, sizeof(void *));
    if (map->keys == NULL || map->values == NULL) {
        free(map->keys);
        free(map->values);
        *map = old;
        PyErr_NoMemory();
        return -1;
    }
    map->mask = size - 1;
    map->n = 0;
    for (size_t i = 0; old.mask && i <= old.mask; i++) {
        if (old.keys[i] != NULL) map_put(map, old.keys[i], old.values[i]);
    }
    free(old.keys);
    free(old.values);
    return 0;
}

int map_put(Map *map, void *key, void *value) {
    if (map->n * 2 >= map->mask && map_grow(map) < 0) return -1;
    size_t i = slot_of(key, map->mask);
    while (map->keys[i] != NULL && map->keys[i] != key) i = (i + 1) & map->mask;
    if (map->keys[i] == NULL) map->n++;
    map->keys[i] = key;
    map->values[i] = value;
    return 0;
}

void map_remove(Map *map, void *key) {
    if (map->mask == 0) return;
    size_t i = slot_of(key, map->mask);
    while (map->keys[i] != NULL && map->keys[i] != key) i = (i + 1) & map->mask;
    if (map->keys[i] == NULL) return;
    map->n--;
    /* Move up what would not be found any more across the hole. */
    for (size_t hole = i, j = i;;) {
        map->keys[hole] = NULL;
        size_t home;
        do {
            j = (j + 1) & map->mask;
            if (map->keys[j] == NULL) return;
            home = slot_of(map->keys[j], map->mask);
        } while (hole <= j ? (hole < home && home <= j) : (hole < home || home <= j));
        map->keys[hole] = map->keys[j];
        map->values[hole] = map->values[j];
        hole = j;
    }
}

void map_free(Map *map) {
    free(map->keys);
    free(map->values);
    memset(map, 0, sizeof *map);
}

int nodes_push(Nodes *nodes, Node *node) {
    if (nodes->n == nodes->cap) {
        size_t cap = nodes->cap * 2 + 16;
        Node **items = realloc(nodes->items, cap * sizeof(Node *));
        if (items == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        nodes->items = items;
        nodes->cap = cap;
    }
    nodes->items[nodes->n++] = node;
    return 0;
}
