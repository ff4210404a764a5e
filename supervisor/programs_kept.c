/* programs_kept.c -- the programs that are here: which are known to be whole,
 * and which nobody needs any more. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "supervisor/programs_inside.h"

enum { UNUSED_S = 600 };

bool gi_programs_whole(const struct gi_programs *p, const char *hash)
{
    for (uint32_t i = 0; i < p->n_whole; i++)
        if (strcmp(p->whole[i], hash) == 0)
            return true;
    return false;
}

/* Without memory it is verified again the next time. */
void gi_programs_verified(struct gi_programs *p, const char *hash)
{
    if (gi_programs_whole(p, hash))
        return;
    if (p->n_whole == p->cap_whole) {
        uint32_t cap = p->cap_whole * 2 + 8;
        void *more = gi_realloc(p->whole, cap * sizeof(*p->whole));

        if (more == NULL)
            return;
        p->whole = more;
        p->cap_whole = cap;
    }
    memcpy(p->whole[p->n_whole++], hash, GI_SHA256_HEX + 1);
}

void gi_programs_spoilt(struct gi_programs *p, const char *hash)
{
    for (uint32_t i = 0; i < p->n_whole; i++)
        if (strcmp(p->whole[i], hash) == 0)
            memmove(p->whole[i], p->whole[--p->n_whole], sizeof(*p->whole));
}

static bool is_needed(const gi_sdaemon *d, const char *name)
{
    for (const struct gi_job *j = d->programs->jobs; j != NULL; j = j->next)
        if (strncmp(j->hash, name, GI_SHA256_HEX) == 0 ||
            strncmp(j->topology, name, strlen(j->topology)) == 0)
            return true;
    for (uint32_t i = 0; i < gi_node_n_slots(d->node); i++) {
        const gi_keeper *k = gi_node_slot(d->node, i);

        if ((k->want != NULL && strcmp(k->want->program, name) == 0) ||
            (k->has != NULL && strcmp(k->has->program, name) == 0))
            return true;
    }
    return false;
}

/* What is needed is as new as now; what is old then was not for long. */
void gi_programs_sweep(gi_sdaemon *d)
{
    int64_t most =
        d->o->unused_ns > 0 ? d->o->unused_ns : (int64_t)UNUSED_S * 1000000000;
    char path[GI_PATH_MOST];
    const struct dirent *e;
    struct stat st;
    DIR *dir;

    gi_path(path, "%s/programs", d->home.dir);
    dir = opendir(path);
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        if (is_needed(d, e->d_name))
            utimensat(dirfd(dir), e->d_name, NULL, AT_SYMLINK_NOFOLLOW);
        else if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
                     0 &&
                 (time(NULL) - st.st_mtime) * 1000000000 >= most) {
            gi_home_program(&d->home, e->d_name, path);
            if (unlink(path) != 0)
                gi_dir_remove(path);
            gi_programs_spoilt(d->programs, e->d_name);
        }
    }
    if (dir != NULL)
        closedir(dir);
}
