/* The optional second implementation of the ciphers: Intel's ipsec-mb (BSD-3-Clause), compiled in by TX_IPSEC_MB.
 *
 * Measured on 1,080-byte payloads with VAES: AES-128-GCM 76 ns against 337 ns by OpenSSL 3.0, the SHA1 profile in
 * bursts of 10 250 ns against 710 ns.  Everything here degrades to "not available".
 */
#ifndef TX_MULTIBUFFER_H
#define TX_MULTIBUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* True when new keys shall use ipsec-mb: compiled in, the processor has AES instructions, not switched off. */
bool tx_multibuffer_enabled(void);

/* Switches it for keys made from now on; false when it is not available.  Not thread-safe. */
bool tx_multibuffer_enable(bool enabled);

#ifdef TX_IPSEC_MB
#define NO_COMPAT_IMB_API_053 /* its old short names collide with libcrypto's */
#include <intel-ipsec-mb.h>

/* Manager for calls without jobs; any thread. */
IMB_MGR *tx_multibuffer_direct(void);

/* Manager of the calling thread for bursts, made at the first call and freed with the thread; NULL out of memory. */
IMB_MGR *tx_multibuffer_of_thread(void);

/* The manager of the calling thread that is quickest for `count` SHA-1 hashes at once; NULL out of memory. */
IMB_MGR *tx_multibuffer_for_hashes(size_t count);
#endif

#endif
