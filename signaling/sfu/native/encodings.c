#include "encodings.h"

#include <string.h>

#include "recovery.h"
#include "subscription.h"
#include "track.h"
#include "transport.h"

/* All encodings of the track's source, itself among them, lowest first. */
static unsigned gather(tx_track *track, tx_track *all[TX_ENCODINGS_MAX])
{
    unsigned count = 1;
    all[0] = track;
    for (tx_link *link = track->of_source.next; link != &track->of_source; link = link->next) {
        tx_track *sibling = tx_owner_of(link, tx_track, of_source);
        unsigned at = count++;
        for (; at > 0 && all[at - 1]->order > sibling->order; at--)
            all[at] = all[at - 1];
        all[at] = sibling;
    }
    return count;
}

static bool same_name(const tx_track *a, const tx_track *b)
{
    return a->mid_length == b->mid_length && memcmp(a->mid, b->mid, a->mid_length) == 0;
}

static bool same_rid(const tx_track *a, const tx_track *b)
{
    return a->rid_length == b->rid_length && memcmp(a->rid, b->rid, a->rid_length) == 0;
}

static unsigned subscriptions_of(tx_track *all[TX_ENCODINGS_MAX], unsigned count)
{
    unsigned total = 0;
    for (unsigned i = 0; i < count; i++)
        total += all[i]->subscription_count;
    return total;
}

bool tx_encodings_join(tx_track *track, tx_track *sibling)
{
    tx_track *first = sibling;
    tx_list_each(&track->transport->tracks, link, after) {
        tx_track *other = tx_owner_of(link, tx_track, of_transport);
        if (!sibling && other != track && other->rid_length && same_name(other, track))
            first = other;
    }
    if (!first)
        return true;
    tx_track *all[TX_ENCODINGS_MAX];
    unsigned count = gather(first, all);
    bool fits = count < TX_ENCODINGS_MAX && first->kind == track->kind && first->clock_rate == track->clock_rate;
    for (unsigned i = 0; i < count; i++)
        fits = fits && !(same_name(all[i], track) && same_rid(all[i], track));
    if (!fits || !tx_track_reserve(track, subscriptions_of(all, count)))
        return false;
    track->order = (uint8_t)(all[count - 1]->order + 1);
    tx_list_append(&first->of_source, &track->of_source);
    return true;
}

bool tx_encodings_same_source(const tx_track *a, const tx_track *b)
{
    for (const tx_link *link = a->of_source.next; a != b && link != &a->of_source; link = link->next)
        if (link == &b->of_source)
            return true;
    return a == b;
}

bool tx_encodings_reserve(tx_track *track)
{
    tx_track *all[TX_ENCODINGS_MAX];
    unsigned count = gather(track, all);
    unsigned total = subscriptions_of(all, count) + 1;
    for (unsigned i = 0; i < count; i++)
        if (!tx_track_reserve(all[i], total))
            return false;
    return true;
}

/* The wanted one; while it is silent the next lower that lives, else the next higher; of those it can decode.  A higher
 * one is nothing for a line that has shown a limit: its keyframe alone would fill it for a second. */
static tx_track *best_living(const tx_subscription *subscription)
{
    tx_track *wanted = subscription->wanted;
    tx_track *all[TX_ENCODINGS_MAX];
    unsigned count = gather(wanted, all);
    tx_track *best = NULL, *silent = NULL;
    for (unsigned i = 0; i < count; i++) {
        tx_track **found = all[i]->alive ? &best : &silent;
        if (tx_subscription_takes(subscription, all[i]) && (all[i]->order <= wanted->order || !*found))
            *found = all[i];
    }
    if (best && best->order > wanted->order && subscription->transport->paced
        && tx_subscription_takes(subscription, wanted))
        return wanted;
    return best ? best : silent ? silent : wanted;
}

void tx_encodings_settle(tx_worker *worker, tx_subscription *subscription)
{
    if (!tx_listed(&subscription->track->of_source))
        return;
    tx_track *best = best_living(subscription);
    if (subscription->state != TX_SUBSCRIPTION_LIVE) {
        if (best != subscription->track)
            tx_subscription_attach(worker, subscription, best);
        return;
    }
    tx_subscription_aim(worker, subscription, best == subscription->track ? NULL : best);
}

static void settle_all(tx_worker *worker, tx_track *all[TX_ENCODINGS_MAX], unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        tx_list_each(&all[i]->subscriptions, link, after) {
            tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_track);
            tx_encodings_settle(worker, subscription);
            tx_subscription_try(worker, subscription);
        }
    }
}

void tx_encodings_heard(tx_worker *worker, tx_track *track)
{
    tx_track *all[TX_ENCODINGS_MAX];
    unsigned count = gather(track, all);
    bool changed = !track->alive;
    track->alive = true;
    track->frame_us = worker->now_us;
    for (unsigned i = 0; i < count; i++) {
        if (all[i]->alive && worker->now_us - all[i]->frame_us > TX_ENCODING_SILENT_US) {
            all[i]->alive = false;
            changed = true;
        }
    }
    if (changed)
        settle_all(worker, all, count);
}

bool tx_encodings_rests(tx_track *track)
{
    if (track->alive || !tx_listed(&track->of_source))
        return false;
    tx_track *all[TX_ENCODINGS_MAX];
    unsigned count = gather(track, all), living = 0;
    for (unsigned i = 0; i < count; i++)
        living += all[i]->alive;
    return living > 0;
}

void tx_encodings_turned(tx_worker *worker, tx_track *track)
{
    tx_list_each(&track->arrivals, arrival, next) {
        tx_subscription *subscription = tx_owner_of(arrival, tx_subscription, of_target);
        if (!tx_subscription_takes(subscription, track))
            tx_subscription_aim(worker, subscription, NULL);
    }
    tx_list_each(&track->subscriptions, link, after)
        tx_subscription_turn(worker, tx_owner_of(link, tx_subscription, of_track));
    tx_track *all[TX_ENCODINGS_MAX];
    settle_all(worker, all, gather(track, all));
}

void tx_encodings_choose(tx_worker *worker, tx_subscription *subscription, tx_track *track)
{
    subscription->wanted = track;
    tx_subscription_watch(worker, subscription);
    tx_encodings_settle(worker, subscription);
    tx_subscription_try(worker, subscription);
}

bool tx_encodings_leave(tx_worker *worker, tx_track *track)
{
    tx_track *all[TX_ENCODINGS_MAX];
    unsigned count = gather(track, all);
    tx_list_each(&track->arrivals, link, after)
        tx_subscription_aim(worker, tx_owner_of(link, tx_subscription, of_target), NULL);
    if (count == 1)
        return false;
    tx_list_remove(&track->of_source);
    for (unsigned i = 0; i < count; i++) {
        tx_track *next = all[i] != track ? all[i] : i > 0 ? all[i - 1] : all[1];
        tx_list_each(&all[i]->subscriptions, link, after) {
            tx_subscription *subscription = tx_owner_of(link, tx_subscription, of_track);
            if (subscription->wanted == track)
                subscription->wanted = next;
            tx_subscription_watch(worker, subscription);
            if (subscription->track == track)
                tx_subscription_attach(worker, subscription, next);
            tx_encodings_settle(worker, subscription);
            tx_subscription_try(worker, subscription);
        }
    }
    return true;
}
