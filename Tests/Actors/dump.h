/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NSACTOR_DUMP_H
#define NSACTOR_DUMP_H

#include <nsevents.h>

/* Calls back for each record of a whole dump behind HOST, in its order. */
void read_dump(const char *path, void (*take)(const struct nst_header *record));

#endif
