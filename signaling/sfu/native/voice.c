#include "voice.h"

#include "forward.h"
#include "reports.h"
#include "subscription.h"
#include "transport.h"

#define CLOCK_RATE 48000u
#define FRAME_SAMPLES 960u
/* Packets that the first one of a turn overtook still find a place before it. */
#define EARLY_PACKETS 16
/* A turn's sequences begin here: those of different turns never meet, so a late packet of the turn before finds none. */
#define TURN_SHIFT 40

int tx_voice_open(tx_worker *worker, tx_transport *inner, tx_voice *voice)
{
    const tx_track_settings settings = {
        .kind = TX_AUDIO,
        .formats = {.at = {{.codec = TX_CODEC_OPUS}}, .count = 1},
        .clock_rate = CLOCK_RATE,
    };
    *voice = (tx_voice){0};
    int error = tx_track_new(worker, inner, NULL, &settings, &voice->track);
    if (!error)
        voice->track->voice = true;
    return error;
}

static int64_t on_line(const tx_voice *voice, int64_t sequence)
{
    return (voice->turns << TURN_SHIFT) + sequence - voice->first + EARLY_PACKETS;
}

static void begin_turn(tx_worker *worker, tx_voice *voice, const tx_track *microphone, const tx_pending *from)
{
    tx_track *track = voice->track;
    voice->microphone = microphone;
    voice->turns++;
    voice->first = from->sequence;
    tx_seqmap_start(&track->compaction, on_line(voice, from->sequence) - (track->started ? 0 : EARLY_PACKETS));
    track->started = true;
    if (voice->heard_us) {
        uint64_t elapsed = (worker->now_us - voice->heard_us) * CLOCK_RATE / 1000000;
        uint32_t next = voice->newest_timestamp + (uint32_t)(elapsed < FRAME_SAMPLES ? FRAME_SAMPLES : elapsed);
        voice->timestamp_offset = next - from->view.timestamp;
    }
    track->clock.valid = false;
    tx_voice_learn(worker, voice, microphone);
    tx_track_set_seat(worker, track, microphone->seat);
}

void tx_voice_carry(tx_worker *worker, tx_voice *voice, const tx_track *microphone, const tx_pending *from)
{
    tx_track *track = voice->track;
    if (voice->microphone != microphone)
        begin_turn(worker, voice, microphone, from);
    int64_t sequence;
    if (!tx_seqmap_sent(&track->compaction, on_line(voice, from->sequence), &sequence))
        return;
    track->packets++;
    track->bytes += from->view.length;
    uint32_t timestamp = from->view.timestamp + voice->timestamp_offset;
    if (voice->heard_us == 0 || (int32_t)(timestamp - voice->newest_timestamp) > 0) {
        voice->newest_timestamp = timestamp;
        voice->heard_us = worker->now_us;
    }
    tx_pending made = *from;
    made.sequence = sequence;
    made.view.timestamp = timestamp;
    if (!tx_list_empty(&track->taps))
        tx_mirror_packet(track, &made);
    tx_pending *pending = tx_forward_add(worker, track);
    if (pending)
        *pending = made;
}

void tx_voice_learn(tx_worker *worker, tx_voice *voice, const tx_track *microphone)
{
    if (voice->microphone != microphone || !microphone->clock.valid)
        return;
    voice->track->clock = microphone->clock;
    voice->track->clock.timestamp += voice->timestamp_offset;
    tx_mirror_clock(worker, voice->track);
    tx_reports_first(worker, voice->track);
}
