#include "twcc.h"

#define FIXED_BYTES 20 /* header, two SSRCs, base sequence, status count, reference time, feedback count */
#define TICK_US 250
#define REFERENCE_US 64000
#define TICKS_PER_REFERENCE (REFERENCE_US / TICK_US)

/* Status symbols (draft 3.1.1). */
enum { NOT_RECEIVED = 0, SMALL_DELTA = 1, LARGE_DELTA = 2 };

/* ---- recorder ---- */

static uint64_t *slot(tx_twcc_recorder *recorder, int64_t sequence)
{
    return &recorder->arrival_us[(uint64_t)sequence % TX_TWCC_WINDOW];
}

void tx_twcc_init(tx_twcc_recorder *recorder) { memset(recorder, 0, sizeof *recorder); }

void tx_twcc_record(tx_twcc_recorder *recorder, uint16_t sequence, uint64_t now_us)
{
    const bool first = !recorder->unwrapper.started;
    const int64_t extended = tx_seq_unwrap(&recorder->unwrapper, sequence);
    if (first)
        recorder->next = recorder->end = extended;
    if (extended >= recorder->end) {
        if (extended - recorder->end >= TX_TWCC_WINDOW) {
            memset(recorder->arrival_us, 0, sizeof recorder->arrival_us);
        } else {
            for (int64_t s = recorder->end; s <= extended; s++)
                *slot(recorder, s) = 0;
        }
        recorder->end = extended + 1;
        if (recorder->next < recorder->end - TX_TWCC_WINDOW)
            recorder->next = recorder->end - TX_TWCC_WINDOW;
    } else if (extended < recorder->end - TX_TWCC_WINDOW || *slot(recorder, extended) != 0) {
        return; /* forgotten already, or a duplicate */
    }
    *slot(recorder, extended) = now_us;
    if (extended < recorder->next)
        recorder->next = extended;
}

typedef struct plan {
    int64_t base;       /* first sequence reported */
    size_t count;       /* statuses */
    int64_t first_tick; /* reference time in ticks */
    uint8_t symbol[TX_TWCC_WINDOW];
} plan;

/* Decides what one packet covers: from `next` to the newest, or to a limit, or to a delta that 16 bits cannot hold. */
static void make_plan(tx_twcc_recorder *recorder, plan *p)
{
    p->base = recorder->next;
    p->count = 0;
    p->first_tick = 0;
    size_t arrivals = 0;
    size_t since_first = 0;
    int64_t tick = 0;
    for (int64_t s = recorder->next; s < recorder->end; s++) {
        const uint64_t arrival_us = *slot(recorder, s);
        if (arrivals && ++since_first >= TX_TWCC_STATUSES_MAX)
            break;
        if (arrival_us == 0) {
            p->symbol[p->count++] = NOT_RECEIVED;
            continue;
        }
        const int64_t at = (int64_t)(arrival_us / TICK_US);
        if (arrivals == 0)
            tick = p->first_tick = at - at % TICKS_PER_REFERENCE;
        const int64_t delta = at - tick;
        if (delta < INT16_MIN || delta > INT16_MAX || arrivals == TX_TWCC_ARRIVALS_MAX)
            break;
        tick = at;
        arrivals++;
        p->symbol[p->count++] = delta >= 0 && delta <= UINT8_MAX ? SMALL_DELTA : LARGE_DELTA;
    }
}

/* Writes one chunk for the statuses from `at` on and returns how many it covers (draft 3.1.3, 3.1.4). */
static size_t write_chunk(tx_writer *w, const plan *p, size_t at)
{
    const size_t left = p->count - at;
    size_t run = 1;
    while (run < left && run < 0x1fff && p->symbol[at + run] == p->symbol[at])
        run++;
    size_t one_bit = 0; /* how far a vector of one-bit symbols would reach */
    while (one_bit < left && one_bit < 14 && p->symbol[at + one_bit] != LARGE_DELTA)
        one_bit++;
    if (run >= 14 || run == left || (run >= 7 && one_bit < 14)) {
        tx_write16(w, (uint16_t)((unsigned)p->symbol[at] << 13 | run));
        return run;
    }
    if (one_bit == 14 || one_bit == left) {
        unsigned bits = 0x8000;
        for (size_t i = 0; i < one_bit; i++)
            bits |= (unsigned)p->symbol[at + i] << (13 - i);
        tx_write16(w, (uint16_t)bits);
        return one_bit;
    }
    const size_t two_bit = left < 7 ? left : 7;
    unsigned bits = 0xc000;
    for (size_t i = 0; i < two_bit; i++)
        bits |= (unsigned)p->symbol[at + i] << (12 - 2 * i);
    tx_write16(w, (uint16_t)bits);
    return two_bit;
}

bool tx_twcc_write(tx_twcc_recorder *recorder, tx_writer *w, uint32_t sender_ssrc, uint32_t media_ssrc)
{
    if (!tx_twcc_pending(recorder))
        return false;
    if (w->failed || (size_t)(w->end - w->at) < TX_TWCC_FEEDBACK_MAX_BYTES)
        return false;
    plan p;
    make_plan(recorder, &p);
    uint8_t *start = tx_write_space(w, 4);
    tx_write32(w, sender_ssrc);
    tx_write32(w, media_ssrc);
    tx_write16(w, (uint16_t)p.base);
    tx_write16(w, (uint16_t)p.count);
    tx_write24(w, (uint32_t)(p.first_tick / TICKS_PER_REFERENCE) & 0xffffff);
    tx_write8(w, recorder->feedback_count++);
    for (size_t at = 0; at < p.count;)
        at += write_chunk(w, &p, at);
    int64_t tick = p.first_tick;
    for (size_t i = 0; i < p.count; i++) {
        if (p.symbol[i] == NOT_RECEIVED)
            continue;
        const int64_t at = (int64_t)(*slot(recorder, p.base + (int64_t)i) / TICK_US);
        if (p.symbol[i] == SMALL_DELTA)
            tx_write8(w, (uint8_t)(at - tick));
        else
            tx_write16(w, (uint16_t)(at - tick));
        tick = at;
    }
    const size_t padding = (4 - (size_t)(w->at - start) % 4) % 4;
    tx_write_zeros(w, padding);
    if (padding)
        w->at[-1] = (uint8_t)padding;
    start[0] = (uint8_t)(0x80 | (padding ? 0x20 : 0) | TX_RTPFB_TWCC);
    start[1] = TX_RTCP_RTPFB;
    tx_put16(start + 2, (uint16_t)((size_t)(w->at - start) / 4 - 1));
    recorder->next = p.base + (int64_t)p.count;
    return true;
}

/* ---- reader ---- */

static uint16_t chunk_capacity(uint16_t word)
{
    if (!(word & 0x8000))
        return word & 0x1fff;
    return word & 0x4000 ? 7 : 14;
}

/* Symbol of the status `index` of a chunk. */
static unsigned chunk_symbol(uint16_t word, unsigned index)
{
    if (!(word & 0x8000))
        return word >> 13 & 3;
    if (word & 0x4000)
        return word >> (12 - 2 * index) & 3;
    return word >> (13 - index) & 1;
}

bool tx_twcc_reader_init(tx_twcc_reader *reader, const tx_rtcp_packet *packet)
{
    if (packet->type != TX_RTCP_RTPFB || packet->count != TX_RTPFB_TWCC || packet->length < FIXED_BYTES)
        return false;
    const uint8_t *end = packet->data + packet->length;
    const uint8_t *chunk = packet->data + FIXED_BYTES;
    const uint16_t count = tx_get16(packet->data + 14);
    size_t delta_bytes = 0;
    /* Prove all of it once: tx_twcc_next then reads without checks. */
    for (unsigned left = count; left > 0;) {
        if (end - chunk < 2)
            return false;
        const uint16_t word = tx_get16(chunk);
        chunk += 2;
        unsigned covered = chunk_capacity(word);
        if (covered == 0)
            return false;
        if (covered > left)
            covered = left;
        left -= covered;
        if (!(word & 0x8000)) {
            if (chunk_symbol(word, 0) == 3)
                return false; /* reserved */
            delta_bytes += chunk_symbol(word, 0) * (size_t)covered;
            continue;
        }
        for (unsigned i = 0; i < covered; i++) {
            if (chunk_symbol(word, i) == 3)
                return false;
            delta_bytes += chunk_symbol(word, i);
        }
    }
    if ((size_t)(end - chunk) < delta_bytes)
        return false;
    reader->chunk = packet->data + FIXED_BYTES;
    reader->delta = chunk;
    reader->sequence = tx_get16(packet->data + 12);
    reader->left = count;
    reader->reference_time = tx_get24(packet->data + 16);
    reader->feedback_count = packet->data[19];
    reader->time_us = (int64_t)reader->reference_time * REFERENCE_US;
    reader->chunk_word = 0;
    reader->chunk_left = 0;
    return true;
}

bool tx_twcc_next(tx_twcc_reader *reader, tx_twcc_entry *entry)
{
    if (reader->left == 0)
        return false;
    if (reader->chunk_left == 0) {
        reader->chunk_word = tx_get16(reader->chunk);
        reader->chunk += 2;
        reader->chunk_left = chunk_capacity(reader->chunk_word);
    }
    const unsigned index = (unsigned)chunk_capacity(reader->chunk_word) - reader->chunk_left;
    const unsigned symbol = chunk_symbol(reader->chunk_word, index);
    reader->chunk_left--;
    reader->left--;
    entry->sequence = reader->sequence++;
    entry->received = symbol != NOT_RECEIVED;
    if (symbol == SMALL_DELTA) {
        reader->time_us += (int64_t)*reader->delta * TICK_US;
        reader->delta += 1;
    } else if (symbol == LARGE_DELTA) {
        reader->time_us += (int64_t)(int16_t)tx_get16(reader->delta) * TICK_US;
        reader->delta += 2;
    }
    entry->arrival_us = reader->time_us;
    return true;
}
