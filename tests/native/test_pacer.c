#include "check.h"
#include "pacer.h"

#define BEGIN_US 9000000ull

static const uint8_t zeros[2000];
static uint64_t chance = 88172645463325252ull;

static uint32_t draw(uint32_t below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (uint32_t)((chance >> 16) % below);
}

static tx_paced packet_of(uint16_t payload)
{
    return (tx_paced){.header_length = 20, .head_length = 24, .payload_length = payload, .overhead = 16};
}

static bool put(tx_pacer *pacer, uint16_t payload, uint8_t mark)
{
    uint8_t head[24] = {mark};
    const tx_paced packet = packet_of(payload);
    return tx_pacer_put(pacer, &packet, head, zeros);
}

static void packets_leave_in_order_and_whole(void)
{
    tx_pacer pacer = {0};
    CHECK(!put(&pacer, 100, 0)); /* not open */
    CHECK(tx_pacer_open(&pacer));
    uint8_t in = 0, out = 0;
    for (unsigned i = 0; i < 100000; i++) {
        if (draw(100) < 52 && (uint8_t)(in - out) < 250 && put(&pacer, (uint16_t)draw(1500), in))
            in++;
        else if (tx_pacer_first(&pacer)) {
            const tx_paced *first = tx_pacer_first(&pacer);
            EQUAL(tx_paced_bytes(first)[0], out);
            EQUAL(first->head_length, 24);
            tx_pacer_pop(&pacer);
            out++;
        }
        EQUAL(in != out, tx_pacer_first(&pacer) != NULL);
    }
    tx_pacer_close(&pacer);
}

static void a_full_ring_takes_no_more_and_goes_on_when_there_is_room(void)
{
    tx_pacer pacer = {0};
    CHECK(tx_pacer_open(&pacer));
    unsigned held = 0;
    while (put(&pacer, 1100, (uint8_t)held))
        held++;
    CHECK(held > 150);
    CHECK(!put(&pacer, 1100, 0));
    tx_pacer_pop(&pacer);
    tx_pacer_pop(&pacer);
    CHECK(put(&pacer, 1100, 0));
    for (unsigned i = 2; i < held + 1; i++)
        tx_pacer_pop(&pacer);
    CHECK(!tx_pacer_first(&pacer));
    EQUAL(pacer.waiting_bytes, 0);
    tx_pacer_close(&pacer);
}

/* Sends what is due each millisecond until nothing waits; returns how long that took, and the most that left in 10 ms. */
static uint64_t drain(tx_pacer *pacer, uint32_t bps, uint64_t now_us, uint32_t *most_bytes)
{
    uint64_t begin_us = now_us;
    uint32_t bytes = 0;
    *most_bytes = 0;
    for (; tx_pacer_first(pacer); now_us += 1000) {
        if ((now_us - begin_us) % 10000 == 0)
            bytes = 0;
        while (tx_pacer_first(pacer) && tx_pacer_due(pacer, now_us)) {
            bytes += tx_paced_length(tx_pacer_first(pacer));
            tx_pacer_sent(pacer, tx_paced_length(tx_pacer_first(pacer)), bps, now_us);
            tx_pacer_pop(pacer);
        }
        *most_bytes = bytes > *most_bytes ? bytes : *most_bytes;
    }
    return now_us - begin_us;
}

static void a_burst_is_spread(void)
{
    tx_pacer pacer = {0};
    uint32_t most_bytes;
    CHECK(tx_pacer_open(&pacer));
    for (unsigned i = 0; i < 10; i++)
        CHECK(put(&pacer, 1060, 0)); /* 11,000 bytes */
    const uint64_t took_us = drain(&pacer, 1000000, BEGIN_US, &most_bytes); /* at 1.5 Mbit/s: 59 ms */
    CHECK(took_us > 40000 && took_us < 62000);
    CHECK(most_bytes < 4500);
    tx_pacer_close(&pacer);
}

static void the_wait_has_a_bound(void)
{
    for (unsigned round = 0; round < 100; round++) {
        tx_pacer pacer = {0};
        uint32_t most_bytes;
        CHECK(tx_pacer_open(&pacer));
        const unsigned packets = 1 + draw(140);
        for (unsigned i = 0; i < packets; i++)
            CHECK(put(&pacer, (uint16_t)(200 + draw(900)), 0));
        CHECK(drain(&pacer, 30000 + draw(5000000), BEGIN_US, &most_bytes) <= TX_PACER_QUEUE_US + 2000);
        tx_pacer_close(&pacer);
    }
}

static void pictures_give_way_to_what_does_not_wait_but_not_for_long(void)
{
    tx_pacer pacer = {0};
    CHECK(tx_pacer_open(&pacer));
    CHECK(put(&pacer, 1000, 0));
    CHECK(tx_pacer_due(&pacer, BEGIN_US));
    tx_pacer_passed(&pacer, 2000, 400000, BEGIN_US);
    CHECK(!tx_pacer_due(&pacer, BEGIN_US + 20000));
    for (unsigned i = 0; i < 100; i++)
        tx_pacer_passed(&pacer, 2000, 400000, BEGIN_US);
    CHECK(tx_pacer_due(&pacer, BEGIN_US + TX_PACER_DEBT_US));
    tx_pacer_close(&pacer);
}

int main(void)
{
    RUN(packets_leave_in_order_and_whole);
    RUN(a_full_ring_takes_no_more_and_goes_on_when_there_is_room);
    RUN(a_burst_is_spread);
    RUN(the_wait_has_a_bound);
    RUN(pictures_give_way_to_what_does_not_wait_but_not_for_long);
    return 0;
}
