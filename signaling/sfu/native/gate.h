/* The worker's one lock: first come, first served.
 *
 * An ordinary mutex lets the I/O thread, which unlocks and locks again at once, keep a control call waiting for many
 * batches.  Tickets bound the wait: whoever asks enters after the batch in progress and those who asked before.
 */
#ifndef TX_GATE_H
#define TX_GATE_H

#include <pthread.h>
#include <stdint.h>

typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t turn;
    uint64_t next;
    uint64_t serving;
} tx_gate;

static inline void tx_gate_init(tx_gate *gate)
{
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_cond_init(&gate->turn, NULL);
    gate->next = 0;
    gate->serving = 0;
}

static inline void tx_gate_destroy(tx_gate *gate)
{
    pthread_cond_destroy(&gate->turn);
    pthread_mutex_destroy(&gate->mutex);
}

static inline void tx_gate_enter(tx_gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    uint64_t ticket = gate->next++;
    while (ticket != gate->serving)
        pthread_cond_wait(&gate->turn, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

static inline void tx_gate_leave(tx_gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->serving++;
    if (gate->serving != gate->next)
        pthread_cond_broadcast(&gate->turn);
    pthread_mutex_unlock(&gate->mutex);
}

#endif
