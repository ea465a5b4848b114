#include "multibuffer.h"

#ifdef TX_IPSEC_MB

#include <pthread.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_managers;
static IMB_MGR *direct;
static bool available;
static bool switched_off;

/* The widest vectors there are take 8 or 16 packets at a time and the same time for fewer.  The processor's own SHA
 * instructions take two, and ipsec-mb 1.3 has them only behind its SSE face.  Nanoseconds per HMAC of 1,104 bytes, 2, 6,
 * 10 and 16 at a time: AVX-512 884, 337, 216, 144; AVX2 1654, -, 674, 430; SHA instructions 340 for all. */
#define WIDE_HASHES_MIN 6

typedef struct {
    IMB_MGR *wide;
    IMB_MGR *paired; /* made when first wanted */
} managers;

static IMB_MGR *new_manager(bool paired)
{
    IMB_MGR *manager = alloc_mb_mgr(0);
    if (!manager)
        return NULL;
    if (paired)
        init_mb_mgr_sse(manager);
    else
        init_mb_mgr_auto(manager, NULL);
    return manager;
}

static void free_managers(void *both)
{
    managers *own = both;
    free_mb_mgr(own->wide);
    if (own->paired)
        free_mb_mgr(own->paired);
    free(own);
}

static void set_up(void)
{
    if (pthread_key_create(&thread_managers, free_managers) != 0)
        return;
    direct = new_manager(false);
    /* Without AES instructions the library emulates them bit by bit; OpenSSL's fallback is quicker. */
    const uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
    const uint64_t unwanted = IMB_FEATURE_AESNI_EMU;
    available =
        direct && (direct->features & needed) == needed && !(direct->features & unwanted) && imb_get_errno(direct) == 0;
}

__attribute__((destructor)) static void tear_down(void)
{
    free_mb_mgr(direct);
    direct = NULL;
}

bool tx_multibuffer_enabled(void)
{
    pthread_once(&once, set_up);
    return available && !switched_off;
}

bool tx_multibuffer_enable(bool enabled)
{
    pthread_once(&once, set_up);
    if (enabled && !available)
        return false;
    switched_off = !enabled;
    return true;
}

IMB_MGR *tx_multibuffer_direct(void) { return direct; }

static managers *of_thread(void)
{
    managers *own = pthread_getspecific(thread_managers);
    if (own)
        return own;
    own = calloc(1, sizeof *own);
    if (own)
        own->wide = new_manager(false);
    if (own && own->wide && pthread_setspecific(thread_managers, own) == 0)
        return own;
    if (own && own->wide)
        free_mb_mgr(own->wide);
    free(own);
    return NULL;
}

IMB_MGR *tx_multibuffer_of_thread(void)
{
    const managers *own = of_thread();
    return own ? own->wide : NULL;
}

IMB_MGR *tx_multibuffer_for_hashes(size_t count)
{
    managers *own = of_thread();
    if (!own)
        return NULL;
    const bool wide = own->wide->features & IMB_FEATURE_AVX512_SKX && count >= WIDE_HASHES_MIN;
    if (wide || !(own->wide->features & IMB_FEATURE_SHANI))
        return own->wide;
    if (!own->paired)
        own->paired = new_manager(true);
    return own->paired ? own->paired : own->wide;
}

#else

bool tx_multibuffer_enabled(void) { return false; }
bool tx_multibuffer_enable(bool enabled) { return !enabled; }

#endif
