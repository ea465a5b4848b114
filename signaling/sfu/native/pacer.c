#include "pacer.h"

#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 8u

_Static_assert(sizeof(tx_paced) % ALIGNMENT == 0, "packets follow each other in the ring");

bool tx_pacer_open(tx_pacer *pacer)
{
    if (!pacer->ring)
        pacer->ring = malloc(TX_PACER_BYTES);
    return pacer->ring != NULL;
}

void tx_pacer_close(tx_pacer *pacer)
{
    free(pacer->ring);
    *pacer = (tx_pacer){0};
}

static uint32_t size_of(const tx_paced *packet)
{
    uint32_t size = (uint32_t)sizeof *packet + packet->head_length + packet->payload_length;
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Where so many bytes may be written; TX_PACER_BYTES when nowhere.  The head never equals the tail while one waits. */
static uint32_t place_for(tx_pacer *pacer, uint32_t size)
{
    if (pacer->end)
        return pacer->head - pacer->tail > size ? pacer->tail : TX_PACER_BYTES;
    if (TX_PACER_BYTES - pacer->tail >= size)
        return pacer->tail;
    if (pacer->head <= size)
        return TX_PACER_BYTES;
    pacer->end = pacer->tail;
    return 0;
}

bool tx_pacer_put(tx_pacer *pacer, const tx_paced *packet, const uint8_t *head, const uint8_t *payload)
{
    if (!pacer->ring)
        return false;
    if (pacer->waiting_bytes == 0)
        pacer->head = pacer->tail = pacer->end = pacer->least_bps = 0;
    uint32_t size = size_of(packet), place = place_for(pacer, size);
    if (place == TX_PACER_BYTES)
        return false;
    uint8_t *at = pacer->ring + place;
    memcpy(at, packet, sizeof *packet);
    memcpy(at + sizeof *packet, head, packet->head_length);
    memcpy(at + sizeof *packet + packet->head_length, payload, packet->payload_length);
    pacer->tail = place + size;
    pacer->waiting_bytes += tx_paced_length(packet);
    uint32_t bps = (uint32_t)((uint64_t)pacer->waiting_bytes * 8000000 / TX_PACER_QUEUE_US);
    pacer->least_bps = bps > pacer->least_bps ? bps : pacer->least_bps;
    return true;
}

const tx_paced *tx_pacer_first(const tx_pacer *pacer)
{
    return pacer->waiting_bytes ? (const tx_paced *)(const void *)(pacer->ring + pacer->head) : NULL;
}

void tx_pacer_pop(tx_pacer *pacer)
{
    const tx_paced *first = tx_pacer_first(pacer);
    pacer->waiting_bytes -= tx_paced_length(first);
    pacer->head += size_of(first);
    if (pacer->end && pacer->head == pacer->end)
        pacer->head = pacer->end = 0;
}

static uint64_t takes_us(const tx_pacer *pacer, uint32_t bytes, uint32_t estimate_bps)
{
    uint64_t bps = (uint64_t)estimate_bps * TX_PACER_PERCENT / 100;
    bps = pacer->least_bps > bps ? pacer->least_bps : bps;
    return bps ? (uint64_t)bytes * 8000000 / bps : 0;
}

void tx_pacer_sent(tx_pacer *pacer, uint32_t bytes, uint32_t estimate_bps, uint64_t now_us)
{
    if (pacer->free_us + TX_PACER_BURST_US < now_us)
        pacer->free_us = now_us - TX_PACER_BURST_US;
    pacer->free_us += takes_us(pacer, bytes, estimate_bps);
}

void tx_pacer_passed(tx_pacer *pacer, uint32_t bytes, uint32_t estimate_bps, uint64_t now_us)
{
    tx_pacer_sent(pacer, bytes, estimate_bps, now_us);
    if (pacer->free_us > now_us + TX_PACER_DEBT_US)
        pacer->free_us = now_us + TX_PACER_DEBT_US;
}
