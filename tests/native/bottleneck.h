/* A call over a narrow line in virtual time: voice, pictures in bursts, padding of probes, a queue, reports on the way
 * back.  What the forwarder decides elsewhere (which layer fits) is a ladder here. */
#ifndef TX_BOTTLENECK_H
#define TX_BOTTLENECK_H

#include "check.h"
#include "congestion.h"

#define LINE_PACKETS 8192u
#define LADDER_MAX 4u
#define FRAME_US 40000u
#define VOICE_US 20000u
#define VOICE_BYTES 110u
#define PACKET_BYTES 1100u

typedef struct {
    uint32_t capacity_bps;
    uint32_t delay_us, jitter_us; /* one way */
    uint32_t queue_us;            /* what does not fit is lost */
    uint32_t loss_ppm;
    uint32_t cross_bps; /* other traffic, even */
} line_weather;

typedef struct {
    line_weather weather;
    double queued_bits;
    uint64_t moved_us;
    unsigned head, tail;
    struct {
        uint64_t arrival_us;
        uint16_t sequence;
        bool of_other;
    } flying[LINE_PACKETS];
    uint64_t last_arrival_us;
} line;

typedef struct flow {
    tx_congestion congestion;
    tx_twcc_recorder recorder;
    uint16_t sequence;
    uint64_t next_frame_us, next_voice_us, next_report_us, next_probe_us, next_padding_us;
    uint32_t ladder[LADDER_MAX]; /* bits/s of the picture's layers, low to high; 0 ends it */
    uint32_t layer;              /* 0 = no picture */
    uint32_t wanted_bps;
    uint64_t raised_us;
    struct {
        uint8_t data[TX_TWCC_FEEDBACK_MAX_BYTES];
        size_t length;
        uint64_t arrival_us;
    } report;
    /* measured */
    uint64_t sent_bytes, padding_bytes;
} flow;

static uint64_t sim_random = 88172645463325252ull;

static inline uint32_t sim_draw(uint32_t below)
{
    sim_random ^= sim_random << 13;
    sim_random ^= sim_random >> 7;
    sim_random ^= sim_random << 17;
    return below ? (uint32_t)((sim_random >> 16) % below) : 0;
}

static inline uint32_t line_queue_us(const line *line)
{
    return (uint32_t)(line->queued_bits * 1e6 / line->weather.capacity_bps);
}

static inline void line_move(line *line, uint64_t now_us)
{
    double speed = (double)line->weather.capacity_bps - line->weather.cross_bps;
    double gone = speed * (double)(now_us - line->moved_us) / 1e6;
    line->queued_bits = line->queued_bits > gone ? line->queued_bits - gone : 0;
    line->moved_us = now_us;
}

static inline void line_send(line *line, uint16_t sequence, uint32_t bytes, uint64_t now_us)
{
    if (line_queue_us(line) > line->weather.queue_us || sim_draw(1000000) < line->weather.loss_ppm)
        return;
    line->queued_bits += (bytes + 28) * 8;
    uint64_t at = now_us + line_queue_us(line) + line->weather.delay_us + sim_draw(line->weather.jitter_us);
    if (at < line->last_arrival_us)
        at = line->last_arrival_us; /* a line does not reorder */
    line->last_arrival_us = at;
    line->flying[line->tail % LINE_PACKETS].arrival_us = at;
    line->flying[line->tail % LINE_PACKETS].sequence = sequence;
    line->flying[line->tail % LINE_PACKETS].of_other = false;
    line->tail++;
}

static inline void flow_send(flow *flow, line *line, uint32_t bytes, uint64_t now_us)
{
    tx_congestion_sent(&flow->congestion, flow->sequence, bytes, now_us);
    line_send(line, flow->sequence++, bytes, now_us);
    flow->sent_bytes += bytes;
}

/* The highest layer that fits: down at once, up only after a second and with room to spare. */
static inline void flow_choose(flow *flow, uint64_t now_us)
{
    uint32_t bps = tx_congestion_bps(&flow->congestion), voice = 8 * VOICE_BYTES * 50, fits = 0;
    uint32_t budget = bps == 0 ? 2500000 : bps;
    for (unsigned i = 0; i < LADDER_MAX && flow->ladder[i]; i++)
        fits = voice + flow->ladder[i] <= budget ? i + 1 : fits;
    if (fits > flow->layer && now_us - flow->raised_us < 500000)
        fits = flow->layer;
    if (fits > flow->layer)
        flow->raised_us = now_us;
    flow->layer = fits;
    tx_congestion_set_target(&flow->congestion, voice + (fits ? flow->ladder[fits - 1] : 0), flow->wanted_bps);
}

static inline void flow_init(flow *flow, const uint32_t *ladder, uint64_t now_us)
{
    memset(flow, 0, sizeof *flow);
    tx_congestion_init(&flow->congestion);
    for (unsigned i = 0; i < LADDER_MAX && ladder[i]; i++) {
        flow->ladder[i] = ladder[i];
        flow->wanted_bps = ladder[i] + 8 * VOICE_BYTES * 50;
    }
    flow->next_frame_us = flow->next_voice_us = flow->next_report_us = flow->next_probe_us = now_us;
    flow->sequence = 65000;
}

static inline void flow_report(flow *flow, const line *line, uint64_t now_us)
{
    if (flow->report.length && now_us >= flow->report.arrival_us) {
        tx_rtcp_iterator it = tx_rtcp_over(flow->report.data, flow->report.length);
        tx_rtcp_packet packet;
        tx_twcc_reader reader;
        CHECK(tx_rtcp_next(&it, &packet) && tx_twcc_reader_init(&reader, &packet));
        tx_congestion_report(&flow->congestion, &reader, 2 * line->weather.delay_us + line_queue_us(line), now_us);
        flow->report.length = 0;
        flow_choose(flow, now_us);
    }
    if (now_us >= flow->next_report_us && flow->report.length == 0 && tx_twcc_pending(&flow->recorder)) {
        tx_writer w = tx_writer_over(flow->report.data, sizeof flow->report.data);
        CHECK(tx_twcc_write(&flow->recorder, &w, 1, 2));
        flow->report.length = tx_writer_length(&w);
        flow->report.arrival_us = now_us + line->weather.delay_us;
        flow->next_report_us = now_us + 80000;
    }
}

static inline void flow_step(flow *flow, line *line, uint64_t now_us)
{
    if (now_us >= flow->next_voice_us) {
        flow_send(flow, line, VOICE_BYTES, now_us);
        flow->next_voice_us += VOICE_US;
    }
    if (now_us >= flow->next_frame_us) {
        uint32_t left = flow->layer ? flow->ladder[flow->layer - 1] / 8 / (1000000 / FRAME_US) : 0;
        left = left * (80 + sim_draw(40)) / 100;
        while (left) {
            uint32_t bytes = left < PACKET_BYTES ? left : PACKET_BYTES;
            flow_send(flow, line, bytes, now_us);
            left -= bytes;
        }
        flow->next_frame_us += FRAME_US;
    }
    if (now_us >= flow->next_probe_us) {
        tx_congestion_probe(&flow->congestion, now_us);
        flow->next_probe_us = now_us + 100000;
    }
    if (now_us >= flow->next_padding_us) {
        for (uint32_t due = tx_probe_due(&flow->congestion.probe, now_us); due;) {
            uint32_t bytes = PACKET_BYTES / 2;
            flow_send(flow, line, bytes, now_us);
            flow->padding_bytes += bytes;
            due -= bytes < due ? bytes : due;
        }
        flow->next_padding_us = now_us + TX_PROBE_STEP_US;
    }
    flow_report(flow, line, now_us);
}

/* The receivers' clock is 7.8 s ahead. */
static inline void line_arrive(line *line, flow *flow, struct flow *other, uint64_t now_us)
{
    for (; line->head != line->tail && line->flying[line->head % LINE_PACKETS].arrival_us <= now_us; line->head++) {
        const unsigned slot = line->head % LINE_PACKETS;
        tx_twcc_recorder *recorder = line->flying[slot].of_other ? &other->recorder : &flow->recorder;
        tx_twcc_record(recorder, line->flying[slot].sequence, line->flying[slot].arrival_us + 7777777);
    }
}

/* What happened in a stretch of it. */
typedef struct {
    uint32_t least_bps, most_bps, mean_bps; /* of the estimate */
    uint32_t queue_max_us, queue_mean_us;
    uint64_t sent_bps;
    uint64_t first_at_us; /* when the estimate first was at least `until_bps`, from the start; UINT64_MAX = never */
    uint32_t layer_least;
} stretch;

static inline stretch run(flow *flow, line *line, uint64_t *now_us, uint64_t length_us, uint32_t until_bps)
{
    stretch result = {.least_bps = UINT32_MAX, .first_at_us = UINT64_MAX, .layer_least = LADDER_MAX};
    uint64_t begin = *now_us, sent = flow->sent_bytes;
    double sum = 0, queue_sum = 0;
    uint64_t steps = 0;
    for (; *now_us < begin + length_us; *now_us += 1000, steps++) {
        line_move(line, *now_us);
        flow_step(flow, line, *now_us);
        line_arrive(line, flow, NULL, *now_us);
        uint32_t bps = flow->congestion.estimate.bps, queue_us = line_queue_us(line);
        result.least_bps = bps < result.least_bps ? bps : result.least_bps;
        result.most_bps = bps > result.most_bps ? bps : result.most_bps;
        result.queue_max_us = queue_us > result.queue_max_us ? queue_us : result.queue_max_us;
        result.layer_least = flow->layer < result.layer_least ? flow->layer : result.layer_least;
        if (bps >= until_bps && result.first_at_us == UINT64_MAX)
            result.first_at_us = *now_us - begin;
        sum += bps;
        queue_sum += queue_us;
    }
    result.mean_bps = (uint32_t)(sum / (double)steps);
    result.queue_mean_us = (uint32_t)(queue_sum / (double)steps);
    result.sent_bps = (flow->sent_bytes - sent) * 8 * 1000000 / length_us;
    return result;
}

#endif
