#define _GNU_SOURCE
#include "tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#define SLOT_BITS 11
#define SLOT_MASK (TX_TCP_CONNECTIONS_MAX - 1)
#define BACKLOG 256

_Static_assert(TX_TCP_CONNECTIONS_MAX == 1u << SLOT_BITS, "an id holds its slot");

void tx_tcp_init(tx_tcp *tcp, int epoll)
{
    memset(tcp, 0, sizeof *tcp);
    tcp->epoll = epoll;
    tx_list_init(&tcp->strangers);
    tx_list_init(&tcp->proven);
    tx_list_init(&tcp->ready);
    tx_list_init(&tcp->dirty);
    tx_list_init(&tcp->ended);
    for (unsigned i = 0; i < TX_TCP_CONNECTIONS_MAX; i++)
        tcp->free_slots[i] = (uint16_t)i;
}

void tx_tcp_close(tx_tcp *tcp)
{
    for (unsigned i = 0; i < tcp->listeners_count; i++)
        close(tcp->listeners[i]);
    tcp->listeners_count = 0;
    for (unsigned i = 0; i < TX_TCP_CONNECTIONS_MAX; i++)
        if (tcp->slots[i])
            tx_tcp_free_ended(tcp, tcp->slots[i]);
}

static void set_option(int fd, int level, int name, int value)
{
    /* Best effort: without these a connection is slower, not wrong. */
    if (setsockopt(fd, level, name, &value, sizeof value) != 0)
        errno = 0;
}

static bool watch(const tx_tcp *tcp, int operation, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(tcp->epoll, operation, fd, &event) == 0;
}

int tx_tcp_listen(tx_tcp *tcp, const char *address, uint16_t port)
{
    tx_address local;
    bool wildcard;
    if (tcp->listeners_count == TX_TCP_LISTENERS_MAX)
        return -ENOSPC;
    int error = tx_address_parse(address, port, &local, &wildcard);
    if (error)
        return error;
    int fd = socket(local.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    /* Connections of a former process that linger in TIME_WAIT do not keep the port. */
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (local.any.sa_family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !wildcard);
    bool listening = bind(fd, &local.any, local.length) == 0 && listen(fd, BACKLOG) == 0
        && watch(tcp, EPOLL_CTL_ADD, fd, EPOLLIN, TX_TCP_EVENT_LISTENER | tcp->listeners_count);
    if (!listening) {
        error = -errno;
        close(fd);
        return error;
    }
    tcp->listeners[tcp->listeners_count++] = fd;
    return 0;
}

static bool take_addresses(int fd, tx_path *path)
{
    socklen_t length = sizeof path->remote.v6;
    memset(path, 0, sizeof *path);
    if (getpeername(fd, &path->remote.any, &length) != 0)
        return false;
    path->remote.length = length;
    return path->remote.any.sa_family == AF_INET || path->remote.any.sa_family == AF_INET6;
}

/* The oldest stranger gives way to the newest: who keeps connections and proves nothing keeps nobody out. */
static bool make_room(tx_tcp *tcp, unsigned site)
{
    if (tcp->site_count[site] >= TX_TCP_SITE_MAX || tcp->site_strangers[site] >= TX_TCP_SITE_STRANGERS_MAX)
        return false;
    bool full = tcp->count == TX_TCP_CONNECTIONS_MAX || tcp->strangers_count == TX_TCP_STRANGERS_MAX;
    if (full && tcp->strangers_count)
        tx_tcp_end(tcp, tx_owner_of(tcp->strangers.next, tx_tcp_connection, order));
    return tcp->count < TX_TCP_CONNECTIONS_MAX;
}

static tx_tcp_connection *add(tx_tcp *tcp, int fd, unsigned site, const tx_path *path, uint64_t now_us)
{
    tx_tcp_connection *connection = malloc(sizeof *connection);
    if (!connection)
        return NULL;
    memset(connection, 0, offsetof(tx_tcp_connection, in)); /* the buffers get their pages when they are used */
    unsigned slot = tcp->free_slots[tcp->count];
    uint32_t use = ++tcp->uses[slot] & (UINT32_MAX >> SLOT_BITS);
    if (use == 0)
        use = ++tcp->uses[slot] & (UINT32_MAX >> SLOT_BITS);
    connection->id = use << SLOT_BITS | slot;
    connection->fd = fd;
    connection->site = (uint16_t)site;
    connection->path = *path;
    connection->path.tcp = connection->id;
    connection->since_us = connection->heard_us = now_us;
    connection->readable = true;
    tx_list_init(&connection->order);
    tx_list_init(&connection->ready);
    tx_list_init(&connection->dirty);
    if (!watch(tcp, EPOLL_CTL_ADD, fd, EPOLLIN, TX_TCP_EVENT_CONNECTION | connection->id)) {
        free(connection);
        return NULL;
    }
    tcp->count++;
    tcp->slots[slot] = connection;
    tx_list_append(&tcp->strangers, &connection->order);
    tx_list_append(&tcp->ready, &connection->ready);
    tcp->strangers_count++;
    tcp->site_count[site]++;
    tcp->site_strangers[site]++;
    return connection;
}

int tx_tcp_adopt(tx_tcp *tcp, int fd, const uint64_t secret[2], uint64_t now_us)
{
    tx_path path;
    if (!take_addresses(fd, &path)) {
        close(fd);
        return -ENOTCONN;
    }
    unsigned site = (unsigned)(tx_address_site_hash(secret, &path.remote) % TX_TCP_SITES);
    tx_tcp_connection *connection = make_room(tcp, site) ? add(tcp, fd, site, &path, now_us) : NULL;
    if (!connection) {
        tcp->counters.refused++;
        close(fd);
        return -ENOSPC;
    }
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_SNDBUF, TX_TCP_KERNEL_BUFFER_BYTES);
    tcp->counters.accepted++;
    return 0;
}

void tx_tcp_note(tx_tcp *tcp, uint64_t data, uint32_t events)
{
    if (data & TX_TCP_EVENT_LISTENER) {
        tcp->listeners_ready |= 1u << (data % TX_TCP_LISTENERS_MAX);
        return;
    }
    tx_tcp_connection *connection = tx_tcp_find(tcp, (uint32_t)data);
    if (!connection)
        return;
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
        connection->readable = true;
        if (!tx_listed(&connection->ready))
            tx_list_append(&tcp->ready, &connection->ready);
    }
    if (events & EPOLLOUT && !tx_listed(&connection->dirty))
        tx_list_append(&tcp->dirty, &connection->dirty);
}

bool tx_tcp_accept(tx_tcp *tcp, const uint64_t secret[2], uint64_t now_us)
{
    unsigned accepted = 0;
    for (unsigned i = 0; i < tcp->listeners_count; i++) {
        while (tcp->listeners_ready & 1u << i) {
            if (accepted++ == TX_TCP_ACCEPTS_MAX)
                return true;
            int fd = accept4(tcp->listeners[i], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd >= 0)
                tx_tcp_adopt(tcp, fd, secret, now_us);
            else if (errno != EINTR && errno != ECONNABORTED)
                tcp->listeners_ready &= ~(1u << i); /* nobody, or no descriptor left: epoll asks again */
        }
    }
    return false;
}

tx_tcp_connection *tx_tcp_find(const tx_tcp *tcp, uint32_t id)
{
    tx_tcp_connection *connection = id ? tcp->slots[id & SLOT_MASK] : NULL;
    return connection && connection->id == id && !connection->ended ? connection : NULL;
}

bool tx_tcp_read(tx_tcp_connection *connection, uint64_t now_us)
{
    if (connection->in_start) {
        memmove(connection->in, connection->in + connection->in_start, connection->in_end - connection->in_start);
        connection->in_end -= connection->in_start;
        connection->in_start = 0;
    }
    size_t room = TX_TCP_IN_BYTES - connection->in_end;
    if (room == 0)
        return true;
    ssize_t got = recv(connection->fd, connection->in + connection->in_end, room, MSG_DONTWAIT);
    if (got == 0)
        return false;
    if (got < 0) {
        connection->readable = errno == EINTR;
        return errno == EINTR || errno == EAGAIN;
    }
    connection->readable = (size_t)got == room;
    connection->in_end += (uint32_t)got;
    connection->heard_us = now_us;
    return true;
}

uint8_t *tx_tcp_frame(tx_tcp_connection *connection, size_t *length, bool *bad)
{
    *bad = false;
    for (;;) {
        uint8_t *at = connection->in + connection->in_start;
        size_t available = connection->in_end - connection->in_start;
        if (!connection->opened) {
            tx_frame_state opening = tx_frame_opening(at, available);
            *bad = opening == TX_FRAME_BAD;
            if (opening != TX_FRAME_WHOLE)
                return NULL;
            connection->opened = true;
        }
        tx_frame_state state = tx_frame_next(at, available, length);
        *bad = state == TX_FRAME_BAD;
        if (state != TX_FRAME_WHOLE)
            return NULL;
        connection->in_start += (uint32_t)(TX_FRAME_HEADER_BYTES + *length);
        *bad = !connection->proven && ++connection->frames > TX_TCP_STRANGER_FRAMES_MAX;
        if (*bad)
            return NULL;
        if (*length)
            return at + TX_FRAME_HEADER_BYTES;
    }
}

static void leave_strangers(tx_tcp *tcp, tx_tcp_connection *connection)
{
    tx_list_remove(&connection->order);
    if (connection->proven)
        return;
    tcp->strangers_count--;
    tcp->site_strangers[connection->site]--;
}

void tx_tcp_prove(tx_tcp *tcp, uint32_t id)
{
    tx_tcp_connection *connection = tx_tcp_find(tcp, id);
    if (!connection || connection->proven)
        return;
    leave_strangers(tcp, connection);
    connection->proven = true;
    tx_list_append(&tcp->proven, &connection->order);
}

static void copy_in(tx_tcp_connection *connection, const uint8_t *data, size_t length)
{
    size_t at = (connection->out_start + connection->out_used) % TX_TCP_OUT_BYTES;
    size_t first = length < TX_TCP_OUT_BYTES - at ? length : TX_TCP_OUT_BYTES - at;
    memcpy(connection->out + at, data, first);
    memcpy(connection->out, data + first, length - first);
    connection->out_used += (uint32_t)length;
}

bool tx_tcp_queue(tx_tcp *tcp, uint32_t id, const uint8_t *packet, size_t length)
{
    tx_tcp_connection *connection = tx_tcp_find(tcp, id);
    size_t room = !connection ? 0 : connection->proven ? TX_TCP_OUT_BYTES : TX_TCP_STRANGER_OUT_BYTES;
    if (length > TX_FRAME_MAX_BYTES || !connection || connection->out_used + TX_FRAME_HEADER_BYTES + length > room) {
        tcp->counters.dropped++;
        return false;
    }
    uint8_t header[TX_FRAME_HEADER_BYTES];
    tx_put16(header, (uint16_t)length);
    copy_in(connection, header, sizeof header);
    copy_in(connection, packet, length);
    if (!connection->watched && !tx_listed(&connection->dirty))
        tx_list_append(&tcp->dirty, &connection->dirty);
    return true;
}

/* False when the connection is broken. */
static bool send_queued(tx_tcp_connection *connection)
{
    while (connection->out_used) {
        size_t until_end = TX_TCP_OUT_BYTES - connection->out_start;
        size_t first = connection->out_used < until_end ? connection->out_used : until_end;
        struct iovec parts[2] = {{connection->out + connection->out_start, first},
                                 {connection->out, connection->out_used - first}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = parts[1].iov_len ? 2 : 1};
        ssize_t sent = sendmsg(connection->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == ENOBUFS;
        connection->out_start = (uint32_t)((connection->out_start + (size_t)sent) % TX_TCP_OUT_BYTES);
        connection->out_used -= (uint32_t)sent;
    }
    return true;
}

void tx_tcp_flush(tx_tcp *tcp)
{
    tx_list_each(&tcp->dirty, link, after) {
        tx_tcp_connection *connection = tx_owner_of(link, tx_tcp_connection, dirty);
        tx_list_remove(link);
        bool wants_room = false;
        if (send_queued(connection))
            wants_room = connection->out_used != 0;
        else
            tx_tcp_end(tcp, connection);
        if (connection->ended || wants_room == connection->watched)
            continue;
        connection->watched = wants_room;
        uint32_t events = EPOLLIN | (wants_room ? (uint32_t)EPOLLOUT : 0);
        if (!watch(tcp, EPOLL_CTL_MOD, connection->fd, events, TX_TCP_EVENT_CONNECTION | connection->id))
            tx_tcp_end(tcp, connection);
    }
}

void tx_tcp_expire(tx_tcp *tcp, uint64_t now_us)
{
    tx_list_each(&tcp->strangers, stranger, next_stranger) {
        tx_tcp_connection *connection = tx_owner_of(stranger, tx_tcp_connection, order);
        if (now_us - connection->since_us < TX_TCP_PROVE_US)
            break; /* the oldest come first */
        tx_tcp_end(tcp, connection);
    }
    tx_list_each(&tcp->proven, link, after) {
        tx_tcp_connection *connection = tx_owner_of(link, tx_tcp_connection, order);
        if (now_us - connection->heard_us >= TX_TCP_IDLE_US)
            tx_tcp_end(tcp, connection);
    }
}

void tx_tcp_end(tx_tcp *tcp, tx_tcp_connection *connection)
{
    if (connection->ended)
        return;
    connection->ended = true;
    leave_strangers(tcp, connection);
    tx_list_remove(&connection->ready);
    tx_list_remove(&connection->dirty);
    tx_list_append(&tcp->ended, &connection->order);
}

tx_tcp_connection *tx_tcp_next_ended(const tx_tcp *tcp)
{
    return tx_list_empty(&tcp->ended) ? NULL : tx_owner_of(tcp->ended.next, tx_tcp_connection, order);
}

void tx_tcp_free_ended(tx_tcp *tcp, tx_tcp_connection *connection)
{
    unsigned slot = connection->id & SLOT_MASK;
    tx_tcp_end(tcp, connection);
    tx_list_remove(&connection->order);
    tcp->site_count[connection->site]--;
    tcp->slots[slot] = NULL;
    tcp->free_slots[--tcp->count] = (uint16_t)slot;
    close(connection->fd); /* which also ends its watch */
    free(connection);
}
