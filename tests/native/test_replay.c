#include "check.h"
#include "replay.h"

static void an_index_is_accepted_once(void)
{
    tx_replay replay = {0};
    CHECK(tx_replay_is_fresh(&replay, 1000));
    tx_replay_accept(&replay, 1000);
    CHECK(!tx_replay_is_fresh(&replay, 1000));
    CHECK(tx_replay_is_fresh(&replay, 999)); /* late, but never seen */
    tx_replay_accept(&replay, 999);
    CHECK(!tx_replay_is_fresh(&replay, 999));
    CHECK(tx_replay_is_fresh(&replay, 1000 - TX_REPLAY_WINDOW + 1));
    CHECK(!tx_replay_is_fresh(&replay, 1000 - TX_REPLAY_WINDOW)); /* too old to tell */
}

/* Every step width, compared with a list of all that was accepted. */
static void the_window_agrees_with_a_full_list(void)
{
    for (uint64_t step = 1; step < 2 * TX_REPLAY_WINDOW; step++) {
        tx_replay replay = {0};
        static bool accepted[300 * 2 * TX_REPLAY_WINDOW];
        memset(accepted, 0, sizeof accepted);
        uint64_t highest = 0;
        for (uint64_t i = 0; i < 300; i++) {
            const uint64_t index = i * step % (i % 3 == 2 ? highest + 1 : UINT64_MAX);
            const bool old = i > 0 && index + TX_REPLAY_WINDOW <= highest;
            EQUAL(tx_replay_is_fresh(&replay, index), !old && !accepted[index]);
            if (old || accepted[index])
                continue;
            tx_replay_accept(&replay, index);
            accepted[index] = true;
            if (index > highest)
                highest = index;
        }
    }
}

static void sequences_extend_over_the_wrap(void)
{
    tx_replay replay = {0};
    EQUAL(tx_replay_extend(&replay, 0xfff0), 0xfff0);
    tx_replay_accept(&replay, 0xfff0);
    EQUAL(tx_replay_extend(&replay, 0x0010), 0x10010);
    EQUAL(tx_replay_extend(&replay, 0xffef), 0xffef);
    tx_replay_accept(&replay, 0x10010);
    EQUAL(tx_replay_extend(&replay, 0xfff1), 0xfff1);  /* late from before the wrap */
    EQUAL(tx_replay_extend(&replay, 0x800f), 0x1800f); /* 2^15 - 1 ahead */
    EQUAL(tx_replay_extend(&replay, 0x8010), 0x8010);  /* 2^15: taken for behind */

    tx_replay first = {0};
    tx_replay_accept(&first, 3);
    CHECK(tx_replay_extend(&first, 0xfffe) < 0); /* before the first rollover there is nothing */
}

int main(void)
{
    RUN(an_index_is_accepted_once);
    RUN(the_window_agrees_with_a_full_list);
    RUN(sequences_extend_over_the_wrap);
    return 0;
}
