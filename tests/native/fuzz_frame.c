/* RFC 4571 framing: however a stream is cut into pieces, the frames are the same, and none reaches beyond the bytes.
 *
 * Input: one byte that chooses the cuts, then the stream.  It goes through a socket pair into a connection (tcp.c), so
 * that its buffer is what is tested too.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "tcp.h"

static size_t frames_at_once(const uint8_t *data, size_t size, uint64_t *sum)
{
    size_t count = 0;
    if (tx_frame_opening(data, size) != TX_FRAME_WHOLE)
        return 0;
    for (size_t at = 0, length; tx_frame_next(data + at, size - at, &length) == TX_FRAME_WHOLE;) {
        CHECK(at + TX_FRAME_HEADER_BYTES + length <= size);
        for (size_t i = 0; i < length; i++)
            *sum = *sum * 31 + data[at + TX_FRAME_HEADER_BYTES + i];
        count += length != 0;
        at += TX_FRAME_HEADER_BYTES + length;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tx_tcp_connection connection;
    int ends[2];
    if (size < 2)
        return 0;
    const size_t piece = 1 + data[0] * 8u;
    data++, size--;
    uint64_t expected_sum = 0, sum = 0;
    const size_t expected = frames_at_once(data, size, &expected_sum);
    EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    memset(&connection, 0, sizeof connection);
    connection.fd = ends[0];
    connection.proven = true;
    size_t count = 0;
    bool bad = false;
    for (size_t at = 0; at < size && !bad; at += piece) {
        const size_t left = size - at;
        EQUAL(send(ends[1], data + at, left < piece ? left : piece, 0), left < piece ? left : piece);
        CHECK(tx_tcp_read(&connection, 1));
        size_t length;
        for (uint8_t *frame; (frame = tx_tcp_frame(&connection, &length, &bad)); count++) {
            CHECK(frame >= connection.in && frame + length <= connection.in + connection.in_end);
            for (size_t i = 0; i < length; i++)
                sum = sum * 31 + frame[i];
        }
    }
    EQUAL(count, expected);
    EQUAL(sum, expected_sum);
    close(ends[0]);
    close(ends[1]);
    return 0;
}
