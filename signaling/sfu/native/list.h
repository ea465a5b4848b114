/* Intrusive doubly linked circular lists: no allocation, O(1) removal. */
#ifndef TX_LIST_H
#define TX_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct tx_link {
    struct tx_link *previous;
    struct tx_link *next;
} tx_link;

#define tx_owner_of(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* The loop's body may remove the current element. */
#define tx_list_each(list, item, after)                                                                                \
    for (tx_link *item = (list)->next, *after = item->next; item != (list); item = after, after = item->next)

static inline void tx_list_init(tx_link *list) { list->previous = list->next = list; }

static inline bool tx_list_empty(const tx_link *list) { return list->next == list; }

/* A link that is in no list points to itself. */
static inline bool tx_listed(const tx_link *link) { return link->next != link; }

static inline void tx_list_append(tx_link *list, tx_link *link)
{
    link->previous = list->previous;
    link->next = list;
    list->previous->next = link;
    list->previous = link;
}

static inline void tx_list_remove(tx_link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    tx_list_init(link);
}

/* Makes `list` of all that is in `from`, which is empty then. */
static inline void tx_list_take(tx_link *list, tx_link *from)
{
    tx_list_init(list);
    if (tx_list_empty(from))
        return;
    *list = *from;
    list->next->previous = list;
    list->previous->next = list;
    tx_list_init(from);
}

#endif
