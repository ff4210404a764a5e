#include "wire/pass.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gi_pass present;

void gi_pass_set(const gi_pass *pass)
{
    pthread_mutex_lock(&lock);
    present = *pass;
    pthread_mutex_unlock(&lock);
}

gi_pass gi_pass_get(void)
{
    gi_pass pass;

    pthread_mutex_lock(&lock);
    pass = present;
    pthread_mutex_unlock(&lock);
    return pass;
}
