/* SPDX-License-Identifier: Apache-2.0 */
/* What keeper.c needs of keeper_pins.c and keeper_renewal.c. */
#ifndef NST_KEEPER_PARTS_H
#define NST_KEEPER_PARTS_H

#include "keeper.h"

/* "/proc/self/fd/N/" and the name of a pin. */
#define NST_PIN_PATH 64

/* Whether a directory has no such name. That something cannot be opened says nothing of it. */
int nst_keeper_is_missing(int directory, const char *name);

/* A descriptor of what is pinned there, close-on-exec; or -1 with errno. */
int nst_keeper_open_pin(int directory, enum nst_keeper_pin pin, int writes);

/* Whether it is a map that can be a state, of any version. */
int nst_keeper_is_state(int fd);

/* What these pins are, if the state is one of this version. `status`: the pin that is not right. */
enum nst_keeper_finding nst_keeper_judge(const int fds[NST_KEEPER_PINS],
					 struct nst_keeper_status *status);

/*
 * Copies the first `size` bytes of a map's value, whatever its size. Returns 0; or -errno, and the
 * bytes are 0.
 */
int nst_keeper_look_up(int map, const void *key, void *value, size_t size);

/* Whether a registration can be one of nstrace's. */
int nst_keeper_is_sound(__u32 number, const struct nst_keeper_entry *entry);

/* The same for a session. */
int nst_keeper_is_sound_session(__u32 number, const struct nst_keeper_session *session);

/* Whether two programs have the same instructions. */
int nst_keeper_is_same_program(int one, int other);

/* Pins a program and its link, which is attached, in place of those that are pinned; 0 or -errno. */
int nst_keeper_replace(int directory, int program, int link);

/* Removes what such a replacement has left; 0 or -errno. */
int nst_keeper_remove_unfinished(int directory);

#endif
