#include "check.h"
#include "sent.h"

static void what_is_in_flight_is_found(void)
{
    static tx_sent sent;
    tx_sent_add(&sent, 65535, 1200, 5000000000ull, 3);
    tx_sent_packet *packet = tx_sent_find(&sent, 65535);
    CHECK(packet != NULL);
    EQUAL(packet->bytes, 1200);
    EQUAL(packet->probe, 3);
    EQUAL(tx_sent_at(packet, 5000123456ull), 5000000000ull);
}

static void a_number_never_sent_is_not(void)
{
    static tx_sent sent;
    CHECK(!tx_sent_find(&sent, 0));
    tx_sent_add(&sent, 5, 100, 1000, 0);
    CHECK(!tx_sent_find(&sent, 5 + TX_SENT_SLOTS)); /* the same slot */
    CHECK(!tx_sent_find(&sent, 4));
}

static void the_oldest_give_way(void)
{
    static tx_sent sent;
    for (unsigned i = 0; i < TX_SENT_SLOTS + 10; i++)
        tx_sent_add(&sent, (uint16_t)(65000 + i), 100, i, 0);
    CHECK(!tx_sent_find(&sent, 65009 % 65536));
    CHECK(tx_sent_find(&sent, 65010 % 65536));
    CHECK(tx_sent_find(&sent, (uint16_t)(65000 + TX_SENT_SLOTS + 9)));
}

static void the_clock_of_sending_may_wrap(void)
{
    static tx_sent sent;
    const uint64_t now_us = (3ull << 32) - 10;
    tx_sent_add(&sent, 1, 100, now_us, 0);
    EQUAL(tx_sent_at(tx_sent_find(&sent, 1), now_us + 1000), now_us);
}

int main(void)
{
    RUN(what_is_in_flight_is_found);
    RUN(a_number_never_sent_is_not);
    RUN(the_oldest_give_way);
    RUN(the_clock_of_sending_may_wrap);
    return 0;
}
