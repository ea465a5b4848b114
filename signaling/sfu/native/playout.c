#include "playout.h"

#define ROUNDS_X10 25u /* round trips for a packet that is lost twice, with the time to notice */
#define SLACK_US 50000u
#define STEP_US 50000u /* coarse, so that it rests */

static uint64_t needed_us(const tx_playout_way *way)
{
    return way->loss_ppm > TX_PLAYOUT_LOSS_PPM ? way->rtt_us * ROUNDS_X10 / 10 : 0;
}

bool tx_playout_update(tx_playout *playout, const tx_playout_way *up, const tx_playout_way *down, uint64_t now_us)
{
    uint64_t us = needed_us(up) + needed_us(down);
    us = us ? (us + SLACK_US + STEP_US - 1) / STEP_US * STEP_US : 0;
    us = us > TX_PLAYOUT_MAX_US ? TX_PLAYOUT_MAX_US : us;
    uint8_t least_10ms = (uint8_t)(us / 10000);
    if (least_10ms >= playout->least_10ms)
        playout->until_us = now_us + TX_PLAYOUT_CALM_US;
    else if (now_us < playout->until_us)
        return false;
    if (least_10ms == playout->least_10ms)
        return false;
    playout->least_10ms = least_10ms;
    playout->asked = true;
    return true;
}
