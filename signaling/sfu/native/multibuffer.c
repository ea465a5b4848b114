#include "multibuffer.h"

#ifdef TX_IPSEC_MB

#include <pthread.h>
#include <stddef.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_manager;
static IMB_MGR *direct;
static bool available;
static bool switched_off;

static IMB_MGR *new_manager(void)
{
    IMB_MGR *manager = alloc_mb_mgr(0);
    if (!manager)
        return NULL;
    init_mb_mgr_auto(manager, NULL);
    return manager;
}

static void free_manager(void *manager) { free_mb_mgr(manager); }

static void set_up(void)
{
    if (pthread_key_create(&thread_manager, free_manager) != 0)
        return;
    direct = new_manager();
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

IMB_MGR *tx_multibuffer_of_thread(void)
{
    IMB_MGR *manager = pthread_getspecific(thread_manager);
    if (manager)
        return manager;
    manager = new_manager();
    if (manager && pthread_setspecific(thread_manager, manager) != 0) {
        free_mb_mgr(manager);
        return NULL;
    }
    return manager;
}

#else

bool tx_multibuffer_enabled(void) { return false; }
bool tx_multibuffer_enable(bool enabled) { return !enabled; }

#endif
