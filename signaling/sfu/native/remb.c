#include "remb.h"

static bool fresh(const tx_remb_set *set, uint64_t now_us)
{
    return set->number && now_us - set->heard_us <= TX_REMB_FRESH_US;
}

tx_remb_place tx_remb_hear(tx_remb *remb, uint64_t bps, uint64_t now_us)
{
    uint8_t slot = 0;
    for (uint8_t i = 0; i < TX_REMB_SETS_MAX; i++) {
        if (!fresh(&remb->sets[i], now_us)) {
            slot = i;
            break;
        }
        if (remb->sets[i].heard_us < remb->sets[slot].heard_us)
            slot = i;
    }
    remb->last_number += remb->last_number == UINT32_MAX ? 2 : 1;
    remb->sets[slot] = (tx_remb_set){
        .number = remb->last_number,
        .bps = bps < TX_REMB_BPS_MAX ? (uint32_t)bps : TX_REMB_BPS_MAX,
        .heard_us = now_us,
    };
    return (tx_remb_place){.number = remb->last_number, .slot = slot};
}

bool tx_remb_is_named(const tx_remb *remb, const tx_remb_place *place, uint64_t now_us)
{
    const tx_remb_set *set = &remb->sets[place->slot];
    return place->number && set->number == place->number && fresh(set, now_us);
}

void tx_remb_name(tx_remb *remb, tx_remb_place *before, const tx_remb_place *now, uint32_t sent_bps)
{
    tx_remb_set *set = &remb->sets[before->slot];
    if (before->number == now->number)
        return;
    if (!tx_remb_is_named(remb, before, remb->sets[now->slot].heard_us))
        remb->unnamed_bps -= sent_bps < remb->unnamed_bps ? sent_bps : remb->unnamed_bps;
    if (set->number == before->number)
        set->number = 0;
    *before = *now;
}

static uint32_t bounded(uint64_t bps) { return bps < UINT32_MAX ? (uint32_t)bps : UINT32_MAX; }

void tx_remb_sent(tx_remb *remb, uint64_t sent_bps, uint64_t unnamed_bps)
{
    remb->sent_bps[1] = remb->sent_bps[0];
    remb->sent_bps[0] = bounded(sent_bps);
    remb->unnamed_bps = bounded(unnamed_bps);
}

/* False when nothing is said of late. */
static bool add_up(const tx_remb *remb, uint64_t now_us, uint32_t *bps)
{
    bool any = false;
    *bps = 0; /* TX_REMB_SETS_MAX times TX_REMB_BPS_MAX fits */
    for (unsigned i = 0; i < TX_REMB_SETS_MAX; i++) {
        if (!fresh(&remb->sets[i], now_us))
            continue;
        *bps += remb->sets[i].bps;
        any = true;
    }
    return any;
}

uint32_t tx_remb_said_bps(const tx_remb *remb, uint64_t now_us)
{
    uint32_t bps;
    add_up(remb, now_us, &bps);
    return bps;
}

/* What is sent for certain: not what only one second's burst brought, nor what is allocated to a picture that stands. */
static uint32_t sent_bps(const tx_remb *remb)
{
    uint32_t least = remb->sent_bps[0] < remb->sent_bps[1] ? remb->sent_bps[0] : remb->sent_bps[1];
    return least < remb->allocated_bps ? least : remb->allocated_bps;
}

static void feel(tx_remb *remb, uint64_t now_us)
{
    if (!remb->limited) {
        bool again = remb->tried_us && now_us - remb->tried_us < TX_REMB_MEMORY_US;
        remb->memory_us = again ? remb->memory_us * 2 : TX_REMB_MEMORY_US;
        if (remb->memory_us > TX_REMB_MEMORY_MAX_US)
            remb->memory_us = TX_REMB_MEMORY_MAX_US;
    }
    remb->limited = true;
    remb->limited_us = now_us;
}

static bool is_short(tx_remb *remb, uint64_t said_bps, uint64_t now_us)
{
    uint64_t sent = sent_bps(remb);
    if (said_bps >= sent) {
        remb->short_us = 0;
        return false;
    }
    if (remb->short_us == 0)
        remb->short_us = now_us;
    return said_bps * 100 < sent * TX_REMB_SHORT_PERCENT || now_us - remb->short_us >= TX_REMB_SHORT_US;
}

static bool forget(tx_remb *remb, uint64_t now_us)
{
    if (!remb->limited || now_us - remb->limited_us < remb->memory_us)
        return false;
    remb->limited = false;
    remb->tried_us = now_us;
    return true;
}

uint32_t tx_remb_judge(tx_remb *remb, uint32_t before_bps, uint64_t now_us)
{
    uint32_t said_bps;
    if (!add_up(remb, now_us, &said_bps)) {
        /* Who is sent no picture any more has nothing to say of it: whether it goes through again, only trying tells. */
        remb->short_us = 0;
        return forget(remb, now_us) ? bounded((uint64_t)before_bps * TX_REMB_TRIES) : 0;
    }
    uint64_t bps = (uint64_t)said_bps + remb->unnamed_bps;
    if (is_short(remb, bps, now_us))
        feel(remb, now_us);
    else if (remb->limited && bps >= remb->wanted_bps)
        remb->limited = false;
    else
        forget(remb, now_us);
    if (!remb->limited && bps * 100 >= (uint64_t)sent_bps(remb) * TX_REMB_ROOM_PERCENT)
        bps *= TX_REMB_TRIES;
    return bps ? bounded(bps) : 1;
}
